package dev.shoestring.data;

import java.util.List;
import java.util.Locale;

/** The order of turns that a conversation must have. */
final class Turns {
    private Turns() {}

    /** Checks turns whose last is an answer. */
    static void check(List<Message> turns, String field) throws UnfitRecordException {
        Role before = Role.SYSTEM;
        for (int i = 0; i < turns.size(); i++) {
            Message turn = turns.get(i);
            String path = field + "[" + i + "]";
            boolean first = i == 0 || before == Role.SYSTEM;
            switch (turn.role()) {
                case SYSTEM -> require(i == 0, path, "may be the system's only if it is the first", turn);
                case USER ->
                    require(first || before == Role.ASSISTANT, path, "may be a user's only after an answer", turn);
                case ASSISTANT ->
                    require(
                            !first && before != Role.ASSISTANT,
                            path,
                            "may be an assistant's only after a user's or a tool's",
                            turn);
                case TOOL ->
                    require(
                            !first && before != Role.USER,
                            path,
                            "may be a tool's only after an assistant's or a tool's",
                            turn);
            }
            if (turn.content().isBlank() && turn.role() != Role.TOOL) {
                throw new UnfitRecordException(path, "must not be blank", "");
            }
            before = turn.role();
        }
    }

    /** Number of turns up to and with the last answer. */
    static int answered(List<Message> turns) {
        int end = turns.size();
        while (end > 0 && turns.get(end - 1).role() != Role.ASSISTANT) {
            end--;
        }
        return end;
    }

    private static void require(boolean holds, String path, String rule, Message turn) throws UnfitRecordException {
        if (!holds) {
            throw new UnfitRecordException(path, rule, turn.role().name().toLowerCase(Locale.ROOT));
        }
    }
}
