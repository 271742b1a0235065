package dev.shoestring.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * TensorBoard event files: scalars, texts and the hyper-parameters of a run. The messages are those of TensorFlow's {@code
 * event.proto}, {@code summary.proto} and {@code tensor.proto}, and of TensorBoard's {@code hparams} plugin; {@code
 * compat/read_tensorboard.py} reads them back with TensorBoard's own reader. Each event is handed to the operating system at once.
 */
public final class TensorBoardWriter implements AutoCloseable {
    private static final String PREFIX = "events.out.tfevents.";
    private static final String HPARAMS = "_hparams_/";
    private static final int DT_STRING = 7;
    private static final int DATA_CLASS_SCALAR = 1;
    private static final int DATA_CLASS_TENSOR = 2;
    private static final int SESSION_START = 1;
    private static final int STATUS_SUCCESS = 1;
    private static final int STATUS_FAILURE = 2;

    private final EventFile events;

    private TensorBoardWriter(EventFile events) {
        this.events = events;
    }

    /**
     * Opens the event file of a new run.
     *
     * @throws dev.shoestring.recipe.InputException if the folder cannot be written
     */
    public static TensorBoardWriter create(Path folder) {
        TensorBoardWriter writer = new TensorBoardWriter(EventFile.create(nextFile(folder)));
        writer.append(0, new ProtoMessage().text(3, "brain.Event:2"));
        return writer;
    }

    /**
     * Opens a further event file for a run resumed after {@code step}. It begins with a session start, at which TensorBoard drops the
     * events of later steps that the killed run had still written.
     *
     * @throws dev.shoestring.recipe.InputException if the folder cannot be written
     */
    public static TensorBoardWriter resume(Path folder, long step) {
        TensorBoardWriter writer = create(folder);
        writer.append(step + 1, new ProtoMessage().message(7, new ProtoMessage().number(1, SESSION_START)));
        return writer;
    }

    /** Writes one point of a curve. */
    public void scalar(String tag, long step, double value) {
        ProtoMessage metadata = new ProtoMessage()
                .message(1, new ProtoMessage().text(1, "scalars"))
                .number(4, DATA_CLASS_SCALAR);
        value(step, new ProtoMessage().text(1, tag).message(9, metadata).single(2, (float) value));
    }

    /** Writes a text, shown as Markdown. */
    public void text(String tag, long step, String markdown) {
        ProtoMessage metadata = new ProtoMessage()
                .message(1, new ProtoMessage().text(1, "text"))
                .number(4, DATA_CLASS_TENSOR);
        ProtoMessage tensor = new ProtoMessage()
                .number(1, DT_STRING)
                .message(2, new ProtoMessage().message(2, new ProtoMessage().number(1, 1)))
                .text(8, markdown);
        value(step, new ProtoMessage().text(1, tag).message(9, metadata).message(8, tensor));
    }

    /** Writes the recipe as a text that keeps its lines and spaces. */
    public void recipe(String yaml) {
        text("recipe", 0, "    " + yaml.stripTrailing().replace("\n", "\n    "));
    }

    /**
     * Writes the hyper-parameters of the run, and which curves judge them.
     *
     * @param settings name and value; a {@link Number} or {@link Boolean} stays one, anything else becomes a string
     * @param metrics tags of the curves
     */
    public void hparams(Map<String, ?> settings, List<String> metrics) {
        ProtoMessage experiment = new ProtoMessage();
        ProtoMessage start = new ProtoMessage();
        new TreeMap<>(settings).forEach((name, setting) -> {
            experiment.message(4, new ProtoMessage().text(1, name).number(4, dataType(setting)));
            start.message(1, new ProtoMessage().text(1, name).message(2, settingValue(setting)));
        });
        for (String metric : metrics) {
            experiment.message(5, new ProtoMessage().message(1, new ProtoMessage().text(2, metric)));
        }
        start.real(5, now());
        hparamsEvent("experiment", 2, experiment);
        hparamsEvent("session_start_info", 3, start);
    }

    /** Writes that the run has ended, for the hyper-parameter view. */
    public void end(boolean success) {
        hparamsEvent(
                "session_end_info",
                4,
                new ProtoMessage()
                        .number(1, success ? STATUS_SUCCESS : STATUS_FAILURE)
                        .real(2, now()));
    }

    @Override
    public void close() {
        events.close();
    }

    private void hparamsEvent(String tag, int field, ProtoMessage content) {
        ProtoMessage plugin =
                new ProtoMessage().text(1, "hparams").message(2, new ProtoMessage().message(field, content));
        value(0, new ProtoMessage().text(1, HPARAMS + tag).message(9, new ProtoMessage().message(1, plugin)));
    }

    private static int dataType(Object setting) {
        return setting instanceof Boolean ? 2 : setting instanceof Number ? 3 : 1;
    }

    /** A {@code google.protobuf.Value}. */
    private static ProtoMessage settingValue(Object setting) {
        if (setting instanceof Boolean flag) {
            return new ProtoMessage().number(4, flag ? 1 : 0);
        }
        return setting instanceof Number number
                ? new ProtoMessage().real(2, number.doubleValue())
                : new ProtoMessage().text(3, setting.toString());
    }

    private void value(long step, ProtoMessage value) {
        append(step, new ProtoMessage().message(5, new ProtoMessage().message(1, value)));
    }

    /** Appends an event: {@code what} is its field, to which the time and the step are added. */
    private void append(long step, ProtoMessage what) {
        byte[] head = new ProtoMessage().real(1, now()).number(2, step).toByteArray();
        byte[] body = what.toByteArray();
        byte[] event = new byte[head.length + body.length];
        System.arraycopy(head, 0, event, 0, head.length);
        System.arraycopy(body, 0, event, head.length, body.length);
        events.append(event);
    }

    private static double now() {
        return System.currentTimeMillis() / 1e3;
    }

    /** TensorBoard reads a folder's files in the order of their names: a later file must have the later name, whatever the clock says. */
    private static Path nextFile(Path folder) {
        try {
            Files.createDirectories(folder);
            try (Stream<Path> files = Files.list(folder)) {
                List<String> earlier = files.map(file -> file.getFileName().toString())
                        .filter(name -> name.startsWith(PREFIX))
                        .sorted()
                        .toList();
                String name = name(System.currentTimeMillis() / 1000, earlier.size());
                if (!earlier.isEmpty() && name.compareTo(earlier.get(earlier.size() - 1)) <= 0) {
                    String last = earlier.get(earlier.size() - 1);
                    name = last + "." + earlier.size();
                }
                return folder.resolve(name);
            }
        } catch (IOException e) {
            throw RunFile.cannotWrite(folder, e);
        }
    }

    private static String name(long seconds, int number) {
        return String.format(Locale.ROOT, "%s%010d.shoestring.%04d", PREFIX, seconds, number);
    }
}
