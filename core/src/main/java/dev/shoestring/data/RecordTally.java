package dev.shoestring.data;

import dev.shoestring.recipe.InputException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Counts records, those that are not fit by the rule they break, and refuses a source with too many of these. */
final class RecordTally {
    private static final String REPEATED = "repeated";
    private static final int NAMED = 5;
    private static final int MOST_RULES = 100;

    private final String source;
    private final SeenKeys seen = new SeenKeys();
    private final Map<String, Integer> dropped = new LinkedHashMap<>();
    private final List<String> named = new ArrayList<>();
    private long records;
    private long unfit;
    private long kept;
    private long trimmed;

    RecordTally(String source) {
        this.source = source;
    }

    /** Counts a record that is fit; false if it repeats another and is to be left out. */
    boolean fit(String key, boolean cut) {
        records++;
        if (!seen.add(key)) {
            dropped.merge(REPEATED, 1, Integer::sum);
            return false;
        }
        kept++;
        trimmed += cut ? 1 : 0;
        return true;
    }

    /** Counts a record that is not fit. */
    void unfit(long number, UnfitRecordException why) {
        records++;
        unfit++;
        String rule = dropped.size() < MOST_RULES || dropped.containsKey(why.rule()) ? why.rule() : "other rules";
        dropped.merge(rule, 1, Integer::sum);
        if (named.size() < NAMED) {
            named.add("record " + number + ": " + why.getMessage());
        }
    }

    /** The report, once most records are known to be fit. */
    RecordReport report(String form, double mostUnfit) {
        if (records == 0) {
            throw new InputException(source + ": has no record");
        }
        if (kept == 0 || unfit > mostUnfit * records) {
            throw new InputException(String.format(
                    Locale.ROOT,
                    "%s: %d of %d records are not fit for training, more than %.0f %%: %s. Correct them, or name another form",
                    source,
                    unfit,
                    records,
                    100 * mostUnfit,
                    String.join("; ", named)));
        }
        List<DataReport.Dropped> reasons = dropped.entrySet().stream()
                .map(one -> new DataReport.Dropped(one.getKey(), one.getValue()))
                .toList();
        return new RecordReport(source, form, records, kept, trimmed, reasons, named);
    }
}
