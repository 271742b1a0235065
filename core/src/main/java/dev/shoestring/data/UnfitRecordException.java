package dev.shoestring.data;

/** A record that cannot be used: the field, and the rule that it breaks. */
final class UnfitRecordException extends Exception {
    private static final long serialVersionUID = 1L;

    private final String rule;

    /**
     * Names what is wrong.
     *
     * @param field path of the field in the record, for example {@code messages[2].role}
     * @param rule what it must be; the same for all records that break it, for they are counted by it
     * @param found what it is, empty if that is of no use
     */
    UnfitRecordException(String field, String rule, String found) {
        super(field + " " + rule + (found.isEmpty() ? "" : ", but is " + found), null, false, false);
        this.rule = field.replaceAll("\\[\\d+\\]", "[]") + " " + rule;
    }

    /** The field and the rule without the record's own numbers. */
    String rule() {
        return rule;
    }
}
