package dev.shoestring.data;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Forms in which conversations are written. */
public enum ConversationForm {
    /** {@code messages}: objects with {@code role} and {@code content}, as OpenAI has them; {@code tools} beside them if there are any. */
    MESSAGES("messages") {
        @Override
        List<Message> turns(JsonNode record) throws UnfitRecordException {
            return RecordFields.messages(record.path("messages"), "messages");
        }

        @Override
        boolean fits(JsonNode record) {
            return record.has("messages");
        }
    },
    /**
     * {@code conversations}: objects with {@code from} (human, gpt, system, function_call, observation) and {@code value}; {@code system}
     * and {@code tools} beside them if there are any.
     */
    SHAREGPT("conversations") {
        @Override
        List<Message> turns(JsonNode record) throws UnfitRecordException {
            List<Message> turns = new ArrayList<>();
            addSystem(record, turns);
            turns.addAll(RecordFields.messages(record.path("conversations"), "conversations"));
            return turns;
        }

        @Override
        boolean fits(JsonNode record) {
            return record.has("conversations");
        }
    },
    /** {@code instruction}, {@code input} and {@code output}; {@code system} and {@code history} (pairs of turns) if there are any. */
    ALPACA("instruction and output") {
        @Override
        List<Message> turns(JsonNode record) throws UnfitRecordException {
            List<Message> turns = new ArrayList<>();
            addSystem(record, turns);
            addHistory(record.path("history"), turns);
            String instruction = RecordFields.string(record, "instruction");
            String input = RecordFields.optional(record, "input");
            String asked = input == null || input.isBlank()
                    ? instruction
                    : instruction.isBlank() ? input : instruction + "\n" + input;
            turns.add(new Message(Role.USER, asked));
            turns.add(new Message(Role.ASSISTANT, RecordFields.string(record, "output")));
            return turns;
        }

        @Override
        boolean fits(JsonNode record) {
            return record.has("instruction") && record.has("output");
        }
    },
    /** {@code prompt} and {@code completion}, as texts or as lists of messages. */
    COMPLETION("prompt and completion") {
        @Override
        List<Message> turns(JsonNode record) throws UnfitRecordException {
            List<Message> turns = new ArrayList<>();
            addSystem(record, turns);
            turns.addAll(RecordFields.turns(record.path("prompt"), Role.USER, "prompt"));
            turns.addAll(RecordFields.turns(record.path("completion"), Role.ASSISTANT, "completion"));
            return turns;
        }

        @Override
        boolean fits(JsonNode record) {
            return record.has("prompt") && record.has("completion");
        }
    },
    /** {@code question} and {@code answer}, as texts. */
    QUESTION("question and answer") {
        @Override
        List<Message> turns(JsonNode record) throws UnfitRecordException {
            List<Message> turns = new ArrayList<>();
            addSystem(record, turns);
            turns.add(new Message(Role.USER, RecordFields.string(record, "question")));
            turns.add(new Message(Role.ASSISTANT, RecordFields.string(record, "answer")));
            return turns;
        }

        @Override
        boolean fits(JsonNode record) {
            return record.has("question") && record.has("answer");
        }
    };

    private final String fields;

    ConversationForm(String fields) {
        this.fields = fields;
    }

    /** The turns of a record, unchecked among each other. */
    abstract List<Message> turns(JsonNode record) throws UnfitRecordException;

    /** Whether a record has the fields of this form. */
    abstract boolean fits(JsonNode record);

    /** As a user writes it. */
    String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The form that a record has; null if none. */
    static @Nullable ConversationForm of(JsonNode record) {
        return Arrays.stream(values())
                .filter(form -> form.fits(record))
                .findFirst()
                .orElse(null);
    }

    /** All forms with their fields, for messages. */
    static String known() {
        return Arrays.stream(values())
                .map(form -> form.id() + " (" + form.fields + ")")
                .collect(Collectors.joining(", "));
    }

    private static void addSystem(JsonNode record, List<Message> turns) throws UnfitRecordException {
        String system = RecordFields.optional(record, "system");
        if (system != null && !system.isBlank()) {
            turns.add(new Message(Role.SYSTEM, system));
        }
    }

    private static void addHistory(JsonNode history, List<Message> turns) throws UnfitRecordException {
        if (history.isMissingNode() || history.isNull()) {
            return;
        }
        if (!history.isArray()) {
            throw new UnfitRecordException(
                    "history", "must be a list of pairs of an instruction and its answer", RecordFields.kind(history));
        }
        for (int i = 0; i < history.size(); i++) {
            JsonNode pair = history.get(i);
            String path = "history[" + i + "]";
            if (!pair.isArray() || pair.size() != 2) {
                throw new UnfitRecordException(
                        path, "must be a pair of an instruction and its answer", RecordFields.kind(pair));
            }
            turns.add(new Message(Role.USER, RecordFields.text(pair.get(0), path)));
            turns.add(new Message(Role.ASSISTANT, RecordFields.text(pair.get(1), path)));
        }
    }
}
