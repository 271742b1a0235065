package dev.shoestring.plan;

/**
 * What a technique would be worth on a job.
 *
 * @param technique its name
 * @param verdict whether it pays here
 * @param saving what is expected, in words and numbers
 * @param evidence where the expectation comes from
 */
public record Advice(String technique, Verdict verdict, String saving, String evidence) {
    /** Whether a technique pays. */
    public enum Verdict {
        /** It is expected to save on this job. */
        PAYS("pays"),
        /** It is expected to cost more than it saves, or to save nothing. */
        DOES_NOT_PAY("does not pay here"),
        /** It depends on something that a plan does not know. */
        TRY("try it");

        private final String words;

        Verdict(String words) {
            this.words = words;
        }

        @Override
        public String toString() {
            return words;
        }
    }
}
