package dev.shoestring.data;

import java.util.List;

/**
 * What a reading of documents came to.
 *
 * @param documents documents given out
 * @param characters their length in UTF-16 units
 * @param bytes their length in UTF-8, by which a loss becomes bits per byte
 * @param otherPart documents of the part that was not asked for
 * @param dropped documents left out, by reason
 * @param named the first few left out, each with its place
 */
public record DocumentReport(
        long documents,
        long characters,
        long bytes,
        long otherPart,
        List<DataReport.Dropped> dropped,
        List<String> named) {
    /** Copies the lists. */
    public DocumentReport {
        dropped = List.copyOf(dropped);
        named = List.copyOf(named);
    }

    /** How many were left out for a reason; 0 if none. */
    public int dropped(String reason) {
        return dropped.stream()
                .filter(one -> one.reason().equals(reason))
                .mapToInt(DataReport.Dropped::rows)
                .sum();
    }
}
