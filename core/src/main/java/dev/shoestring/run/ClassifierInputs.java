package dev.shoestring.run;

import dev.shoestring.data.Held;
import dev.shoestring.data.LabelledData;
import dev.shoestring.report.DataReport;
import dev.shoestring.report.RunSummary;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a classifier's run reads before it starts: labelled data, and a cheap baseline of them. */
interface ClassifierInputs extends Inputs {
    /** The data. */
    LabelledData data();

    /** The cheap baseline, trained; if the recipe's model is one itself, with its settings. */
    Baseline baseline();

    /** Whether the recipe asks for nothing but the cheap baseline. */
    boolean baselineOnly();

    @Override
    default List<String> notes() {
        List<String> notes = new ArrayList<>(data().report().guesses());
        notes.addAll(data().report().warnings());
        return notes;
    }

    @Override
    default int validationExamples() {
        return data().heldLabels(Held.VALIDATION).length;
    }

    @Override
    default RunSummary.Data sizes() {
        return new RunSummary.Data(
                data().trainExamples(),
                data().heldLabels(Held.VALIDATION).length,
                data().heldLabels(Held.TEST).length,
                data().labels().size(),
                data().report().imbalance());
    }

    @Override
    default DataReport dataReport() {
        Map<String, Long> byLabel = new LinkedHashMap<>();
        data().report().labels().forEach(label -> byLabel.put(label.label(), (long) label.train()));
        Map<String, Long> dropped = new LinkedHashMap<>();
        data().report().dropped().forEach(reason -> dropped.put(reason.reason(), (long) reason.rows()));
        return new DataReport(byLabel, dropped);
    }
}
