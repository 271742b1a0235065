package dev.shoestring.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.shoestring.generate.GenerationSettings;
import dev.shoestring.recipe.InputException;
import dev.shoestring.run.Generation;
import dev.shoestring.run.LanguageModel;
import dev.shoestring.run.TextListener;
import dev.shoestring.text.Conversation;
import java.io.BufferedReader;
import java.io.Console;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A conversation over standard input: each line is the user's turn, and what was said is remembered. {@code /exit} or the end of the input
 * ends it. Ctrl-C stops the answer that is being written; between answers it ends the conversation. Where the model's context is full,
 * the oldest turns are forgotten.
 */
final class ChatSession {
    private static final String EXIT = "/exit";
    private static final String ASKING = "> ";
    private static final int LONGEST_LINE = 1 << 20;
    private static final int MOST_TURNS = 100_000;

    private final LanguageModel model;
    private final GenerationSettings settings;
    private final PrintWriter out;
    private final PrintWriter err;
    private final boolean quiet;
    private final List<JsonNode> messages = new ArrayList<>();
    private final int told;
    private final AtomicBoolean answering = new AtomicBoolean();
    private final AtomicBoolean stopped = new AtomicBoolean();

    /**
     * A conversation at its beginning.
     *
     * @param system what the assistant is told beforehand; null for nothing
     * @param quiet whether answers are kept and not written
     */
    ChatSession(
            LanguageModel model,
            GenerationSettings settings,
            @Nullable String system,
            PrintWriter out,
            PrintWriter err,
            boolean quiet) {
        this.model = model;
        this.settings = settings;
        this.out = out;
        this.err = err;
        this.quiet = quiet;
        if (system != null) {
            say("system", system);
        }
        told = messages.size();
    }

    /** Reads and answers until there is no more; gives all answers. */
    List<Generation> run() throws IOException {
        boolean terminal = !quiet && terminal();
        List<Generation> answers = new ArrayList<>();
        try (CtrlC signal = CtrlC.doing(this::interrupted);
                BufferedReader lines =
                        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8.newDecoder()))) {
            if (terminal) {
                err.println("/exit or Ctrl-D ends the conversation, Ctrl-C an answer");
                err.flush();
            }
            for (String line = next(lines, terminal); line != null; line = next(lines, terminal)) {
                if (line.length() > LONGEST_LINE || answers.size() == MOST_TURNS) {
                    throw new InputException("standard input: a turn may have " + LONGEST_LINE
                            + " characters, and a conversation " + MOST_TURNS + " turns; this is more");
                }
                if (line.strip().equals(EXIT)) {
                    break;
                }
                if (!line.isBlank()) {
                    answers.add(answer(line));
                }
            }
        } catch (CharacterCodingException notUtf8) {
            throw new InputException("standard input: is not UTF-8; convert it, for example with iconv", notUtf8);
        }
        if (answers.isEmpty() && !terminal) {
            throw new InputException("standard input: has no prompt; write one a line, or give it as an argument");
        }
        return answers;
    }

    private @Nullable String next(BufferedReader lines, boolean terminal) throws IOException {
        if (terminal) {
            out.print(ASKING);
            out.flush();
        }
        @Nullable String line = lines.readLine();
        if (line == null && terminal) {
            out.println();
        }
        return line;
    }

    private Generation answer(String line) {
        say("user", line);
        stopped.set(false);
        answering.set(true);
        try {
            Generation answer = remembered();
            say("assistant", answer.text().strip());
            return answer;
        } finally {
            answering.set(false);
            if (!quiet) {
                out.println();
                out.flush();
            }
        }
    }

    /** Answers, without the oldest turns if the context is too small for all. */
    private Generation remembered() {
        while (true) {
            try {
                return model.answer(new Conversation(messages, null), settings, new TextListener() {
                    @Override
                    public void text(int prompt, String text) {
                        if (!quiet) {
                            out.print(text);
                            out.flush();
                        }
                    }

                    @Override
                    public boolean goesOn() {
                        return !stopped.get();
                    }
                });
            } catch (InputException tooLong) {
                if (messages.size() < told + 3) {
                    throw tooLong;
                }
                // A question and its answer.
                messages.subList(told, told + 2).clear();
                err.println("the oldest turn is forgotten: the conversation fills the model's context");
                err.flush();
            }
        }
    }

    private void say(String role, String content) {
        messages.add(JsonNodeFactory.instance.objectNode().put("role", role).put("content", content));
    }

    private void interrupted() {
        if (answering.get()) {
            stopped.set(true);
        } else {
            out.println();
            out.flush();
            Runtime.getRuntime().halt(ExitStatus.SUCCESS);
        }
    }

    /** Whether a person sits before standard input. */
    @SuppressWarnings("SystemConsoleNull") // Java 17 has null where later ones are asked isTerminal
    private static boolean terminal() {
        @Nullable Console console = System.console();
        if (console == null) {
            return false;
        }
        try {
            // From Java 22 on there is a console without a terminal too, and this method.
            return (boolean) Console.class.getMethod("isTerminal").invoke(console);
        } catch (ReflectiveOperationException older) {
            return true;
        }
    }
}
