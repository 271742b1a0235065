package dev.shoestring.report;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What the data was made of.
 *
 * @param trainByLabel examples of each label in the training split
 * @param droppedRows why rows were left out, and how many: {@code empty text}, {@code duplicate of a training row}
 */
public record DataReport(Map<String, Long> trainByLabel, Map<String, Long> droppedRows) {
    /** Copies the maps, keeping their order. */
    public DataReport {
        trainByLabel = Collections.unmodifiableMap(new LinkedHashMap<>(trainByLabel));
        droppedRows = Collections.unmodifiableMap(new LinkedHashMap<>(droppedRows));
    }
}
