package dev.shoestring.data;

import java.util.List;

/**
 * What became of the records of a file of conversations.
 *
 * @param source the file, or {@code data.query}
 * @param form the form they are in, as a user names it
 * @param records records read
 * @param kept records that are used
 * @param trimmed of these, records that had turns after their last answer, which were cut off
 * @param dropped records left out, by reason
 * @param named the first few left out for not being fit, each with its number and field
 */
public record RecordReport(
        String source,
        String form,
        long records,
        long kept,
        long trimmed,
        List<DataReport.Dropped> dropped,
        List<String> named) {
    /** Copies the lists. */
    public RecordReport {
        dropped = List.copyOf(dropped);
        named = List.copyOf(named);
    }
}
