package dev.shoestring.data;

import com.fasterxml.jackson.databind.JsonNode;
import dev.shoestring.recipe.DataSpec.Source;
import dev.shoestring.recipe.InputException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Preference pairs, each once, in the order of their file. Two forms are read: {@code conversations} with {@code chosen} and
 * {@code rejected} as turns of ShareGPT's form, and TRL's, {@code prompt}, {@code chosen} and {@code rejected} as texts or lists of
 * messages; without a {@code prompt}, it is what the two lists have in common.
 *
 * @param train those to train on
 * @param heldOut those held out; none has the prompt of one to train on
 * @param report what became of the records
 */
public record PreferencePairs(List<PreferencePair> train, List<PreferencePair> heldOut, RecordReport report) {
    private static final long MOST_CHARACTERS = Runtime.getRuntime().maxMemory() / 3;

    /** Copies the lists. */
    public PreferencePairs {
        train = List.copyOf(train);
        heldOut = List.copyOf(heldOut);
    }

    /**
     * Reads all pairs.
     *
     * @param split decides by the hash of a pair's prompt
     * @param mostBroken largest share of records that are not fit
     * @throws InputException if more are not fit, none is, or the pairs are too many to keep
     */
    public static PreferencePairs load(Source source, ContentSplit split, double mostBroken) {
        List<PreferencePair> train = new ArrayList<>();
        List<PreferencePair> heldOut = new ArrayList<>();
        Conversations.Room room = new Conversations.Room(Conversations.name(source), MOST_CHARACTERS);
        RecordReport report = read(source, mostBroken, one -> {
            one.prompt().forEach(message -> room.take(message.content()));
            room.take(one.chosen());
            room.take(one.rejected());
            (split.holds(one.promptKey()) ? heldOut : train).add(one);
        });
        if (train.isEmpty()) {
            throw new InputException(Conversations.name(source) + ": no pair is left to train on, all " + heldOut.size()
                    + " are held out");
        }
        return new PreferencePairs(train, heldOut, report);
    }

    /**
     * Reads pairs one at a time; none is kept.
     *
     * @throws InputException if more than the share {@code mostBroken} is not fit, or all; by then the others were given
     */
    public static RecordReport read(Source source, double mostBroken, Consumer<PreferencePair> pairs) {
        RecordTally tally = new RecordTally(Conversations.name(source));
        RecordFile.read(source, new RecordFile.Taker() {
            private boolean first = true;

            @Override
            public void record(long number, JsonNode record) {
                if (first && !record.has("chosen") && !record.has("rejected") && ConversationForm.of(record) != null) {
                    throw new InputException(Conversations.name(source)
                            + ": holds conversations, not preference pairs (prompt, chosen, rejected);"
                            + " train on them with task: chat");
                }
                first = false;
                try {
                    PreferencePair pair = pair(record);
                    if (tally.fit(pair.key(), false)) {
                        pairs.accept(pair);
                    }
                } catch (UnfitRecordException unfit) {
                    tally.unfit(number, unfit);
                }
            }

            @Override
            public void broken(long number, UnfitRecordException why) {
                tally.unfit(number, why);
            }
        });
        return tally.report("preference", mostBroken);
    }

    private static PreferencePair pair(JsonNode record) throws UnfitRecordException {
        List<Message> chosen = RecordFields.turns(record.path("chosen"), Role.ASSISTANT, "chosen");
        List<Message> rejected = RecordFields.turns(record.path("rejected"), Role.ASSISTANT, "rejected");
        List<Message> prompt = new ArrayList<>(prompt(record));
        int common = 0;
        while (common < Math.min(chosen.size(), rejected.size()) - 1
                && chosen.get(common).equals(rejected.get(common))) {
            common++;
        }
        List<Message> shared = chosen.subList(0, common);
        // Some data sets repeat the prompt in both lists.
        if (!shared.equals(prompt)) {
            prompt.addAll(shared);
        }
        String better = answer(chosen.subList(common, chosen.size()), "chosen");
        String worse = answer(rejected.subList(common, rejected.size()), "rejected");
        if (better.equals(worse)) {
            throw new UnfitRecordException("rejected", "must differ from chosen", "the same");
        }
        if (prompt.isEmpty()) {
            throw new UnfitRecordException("prompt", "must have a turn", "missing");
        }
        List<Message> whole = new ArrayList<>(prompt);
        whole.add(new Message(Role.ASSISTANT, better));
        Turns.check(whole, "turns");
        return PreferencePair.of(prompt, better, worse, RecordFields.tools(record));
    }

    private static List<Message> prompt(JsonNode record) throws UnfitRecordException {
        List<Message> prompt = new ArrayList<>();
        String system = RecordFields.optional(record, "system");
        if (system != null && !system.isBlank()) {
            prompt.add(new Message(Role.SYSTEM, system));
        }
        if (record.has("conversations")) {
            prompt.addAll(RecordFields.messages(record.path("conversations"), "conversations"));
        } else if (record.hasNonNull("prompt")) {
            prompt.addAll(RecordFields.turns(record.path("prompt"), Role.USER, "prompt"));
        }
        return prompt;
    }

    private static String answer(List<Message> turns, String field) throws UnfitRecordException {
        if (turns.size() != 1 || turns.get(0).role() != Role.ASSISTANT) {
            throw new UnfitRecordException(
                    field,
                    "must be one answer of the assistant's after the turns that both have",
                    turns.size() + " turns");
        }
        String answer = turns.get(0).content();
        if (answer.isBlank()) {
            throw new UnfitRecordException(field, "must not be blank", "");
        }
        return answer;
    }
}
