package dev.shoestring.data;

import com.fasterxml.jackson.databind.JsonNode;
import dev.shoestring.recipe.DataSpec.Source;
import dev.shoestring.recipe.InputException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Conversations to fine-tune on, each once, in the order of their file.
 *
 * @param train those to train on
 * @param heldOut those held out; none has the prompt of one to train on
 * @param report what became of the records
 */
public record Conversations(List<Conversation> train, List<Conversation> heldOut, RecordReport report) {
    /** The share of records that may be unfit before the source is refused, unless another is given. */
    public static final double MOST_BROKEN = 0.1;

    private static final int LOOKED_AT = 10;
    private static final long MOST_CHARACTERS = Runtime.getRuntime().maxMemory() / 3;

    /** Copies the lists. */
    public Conversations {
        train = List.copyOf(train);
        heldOut = List.copyOf(heldOut);
    }

    /**
     * Reads all conversations of a JSON, JSON lines or Parquet file, a table with the columns of a form, or a query; each also gzipped.
     *
     * @param form null takes that of the first record which has one
     * @param split decides by the hash of a conversation's prompt
     * @param mostBroken largest share of records that are not fit
     * @throws InputException if more are not fit, none is, or the conversations are too many to keep
     */
    public static Conversations load(
            Source source, @Nullable ConversationForm form, ContentSplit split, double mostBroken) {
        List<Conversation> train = new ArrayList<>();
        List<Conversation> heldOut = new ArrayList<>();
        Room room = new Room(name(source), MOST_CHARACTERS);
        RecordReport report = read(source, form, mostBroken, one -> {
            one.messages().forEach(message -> room.take(message.content()));
            (split.holds(one.promptKey()) ? heldOut : train).add(one);
        });
        if (train.isEmpty()) {
            throw new InputException(
                    name(source) + ": no conversation is left to train on, all " + heldOut.size() + " are held out");
        }
        return new Conversations(train, heldOut, report);
    }

    /**
     * Reads conversations one at a time; none is kept.
     *
     * @param form null takes that of the first record which has one
     * @param mostBroken largest share of records that are not fit
     * @throws InputException if more are not fit, or none is; by then the others were given
     */
    public static RecordReport read(
            Source source, @Nullable ConversationForm form, double mostBroken, Consumer<Conversation> conversations) {
        Reading reading = new Reading(name(source), form, conversations);
        RecordFile.read(source, reading);
        return reading.tally.report(reading.form == null ? "unknown" : reading.form.id(), mostBroken);
    }

    static String name(Source source) {
        return source instanceof Source.File file ? file.path() : "data.query";
    }

    /** Bounds what is kept. */
    static final class Room {
        private final String source;
        private final long most;
        private long taken;

        Room(String source, long most) {
            this.source = source;
            this.most = most;
        }

        void take(String text) {
            taken += text.length();
            if (taken > most) {
                throw new InputException(source + ": holds more than " + most
                        + " characters of text, the most this process has memory for; select fewer records,"
                        + " or give Java more memory (-Xmx)");
            }
        }
    }

    private static final class Reading implements RecordFile.Taker {
        private final String source;
        private final Consumer<Conversation> conversations;
        private final RecordTally tally;
        private @Nullable ConversationForm form;
        private int unknown;

        Reading(String source, @Nullable ConversationForm form, Consumer<Conversation> conversations) {
            this.source = source;
            this.form = form;
            this.conversations = conversations;
            this.tally = new RecordTally(source);
        }

        @Override
        public void record(long number, JsonNode record) {
            ConversationForm known = form == null ? ConversationForm.of(record) : form;
            form = known;
            try {
                if (known == null) {
                    refuseUnknown(record);
                    throw new UnfitRecordException("the record", "must have the fields of one form", "of none");
                }
                take(known.turns(record), RecordFields.tools(record));
            } catch (UnfitRecordException unfit) {
                tally.unfit(number, unfit);
            }
        }

        @Override
        public void broken(long number, UnfitRecordException why) {
            tally.unfit(number, why);
        }

        private void take(List<Message> turns, @Nullable String tools) throws UnfitRecordException {
            int answered = Turns.answered(turns);
            if (answered == 0) {
                throw new UnfitRecordException("the record", "must have an answer of the assistant's", "");
            }
            List<Message> kept = turns.subList(0, answered);
            Turns.check(kept, "turns");
            Conversation conversation = Conversation.of(kept, tools);
            if (tally.fit(conversation.key(), answered < turns.size())) {
                conversations.accept(conversation);
            }
        }

        private void refuseUnknown(JsonNode record) {
            boolean pair = record.has("chosen") && record.has("rejected");
            if (pair || ++unknown == LOOKED_AT) {
                List<String> fields = new ArrayList<>();
                record.fieldNames().forEachRemaining(fields::add);
                throw new InputException(source + ": "
                        + (pair
                                ? "holds preference pairs (chosen, rejected), not conversations; train on them with task: preference (preference tuning)"
                                : "is in no known form; the fields are "
                                        + fields.stream().limit(20).toList() + ", the forms "
                                        + ConversationForm.known()));
            }
        }
    }
}
