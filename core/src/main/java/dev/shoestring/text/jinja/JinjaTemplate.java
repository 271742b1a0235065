package dev.shoestring.text.jinja;

import dev.shoestring.recipe.InputException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A template in the part of Jinja2 that chat templates use, with transformers' settings ({@code trim_blocks},
 * {@code lstrip_blocks}). It is a stranger's program: it sees no Java object, changes no value it is given, and ends with an
 * {@link InputException} when it takes too many steps, makes too much text or nests too deep. Constructs that are not supported are
 * refused by name when the template is read. Safe for use by several threads.
 */
public final class JinjaTemplate {
    private static final int LONGEST = 1 << 20;
    private static final int LONGEST_RANGE = 100_000;

    private final Statement body;
    private final String source;

    private JinjaTemplate(Statement body, String source) {
        this.body = body;
        this.source = source;
    }

    /**
     * Reads a template.
     *
     * @param source names it in messages
     * @throws InputException if it is wrong, or uses what is not supported
     */
    public static JinjaTemplate parse(String text, String source) {
        if (text.length() > LONGEST) {
            throw new InputException(source + ": has " + text.length() + " characters, more than " + LONGEST);
        }
        TokenReader tokens = new TokenReader(Lexer.tokens(text, source), source);
        try {
            return new JinjaTemplate(new Parser(tokens).template(), source);
        } catch (StackOverflowError tooDeep) {
            throw tooDeep(source, tooDeep);
        }
    }

    private static InputException tooDeep(String source, StackOverflowError error) {
        return new InputException(source + ": nests expressions or values too deep; use another template", error);
    }

    /**
     * Renders it.
     *
     * @param variables strings, booleans, {@code Long}, {@code Double}, lists, maps, functions and {@link Nothing}, by name
     * @throws InputException if it fails, or takes more than it may
     */
    public String render(Map<String, Object> variables) {
        StringBuilder out = new StringBuilder();
        Budget budget = new Budget(source);
        Frame globals = new Frame(null, budget, out);
        globals.set("range", (JinjaFunction) (arguments, named) -> range(arguments, budget));
        globals.set("namespace", (JinjaFunction) (arguments, named) -> {
            Namespace namespace = new Namespace();
            named.forEach(namespace::set);
            return namespace;
        });
        globals.set("dict", (JinjaFunction) (arguments, named) -> named);
        variables.forEach(globals::set);
        try {
            body.run(globals.inner());
        } catch (StackOverflowError tooDeep) {
            // a long chain of operators, or a list in a list in a list: nothing but this template's own values is lost
            throw tooDeep(source, tooDeep);
        }
        return out.toString();
    }

    private List<Object> range(List<Object> arguments, Budget budget) {
        long[] numbers = {0, 0, 1};
        for (int i = 0; i < Math.min(3, arguments.size()); i++) {
            if (!(arguments.get(i) instanceof Long number)) {
                throw new InputException(
                        source + ": range() takes whole numbers, not " + Values.kind(arguments.get(i)));
            }
            numbers[i] = number;
        }
        long from = arguments.size() > 1 ? numbers[0] : 0;
        long to = arguments.size() > 1 ? numbers[1] : numbers[0];
        List<Object> range = new ArrayList<>();
        for (long i = from; numbers[2] > 0 ? i < to : numbers[2] < 0 && i > to; i += numbers[2]) {
            if (range.size() >= LONGEST_RANGE) {
                throw new InputException(source + ": range() of more than " + LONGEST_RANGE + " numbers");
            }
            budget.step();
            range.add(i);
        }
        return range;
    }
}
