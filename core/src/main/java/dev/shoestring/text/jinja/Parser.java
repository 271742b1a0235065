package dev.shoestring.text.jinja;

import dev.shoestring.recipe.InputException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Reads statements. What Jinja has and this has not is refused by name. */
final class Parser {
    private static final int DEEPEST = 60;
    private static final int ASSIGNED_AT_ONCE = 16;

    private final TokenReader tokens;
    private final ExpressionParser expressions;
    private int depth;

    Parser(TokenReader tokens) {
        this.tokens = tokens;
        this.expressions = new ExpressionParser(tokens);
    }

    Statement template() {
        return body(Set.of());
    }

    /** Statements up to a block of one of these names, which is not taken. */
    private Statement body(Set<String> ends) {
        if (++depth > DEEPEST) {
            throw tokens.failed("blocks stand more than " + DEEPEST + " deep in each other");
        }
        List<Statement> all = new ArrayList<>();
        while (true) {
            Token token = tokens.next();
            switch (token.kind()) {
                case DATA ->
                    all.add(frame -> {
                        frame.write(token.text());
                        return Statement.Next.ON;
                    });
                case VARIABLE_BEGIN -> {
                    Expression expression = expressions.tuple();
                    tokens.expect(Token.Kind.VARIABLE_END);
                    all.add(frame -> {
                        frame.write(Values.string(expression.value(frame), frame.budget()));
                        return Statement.Next.ON;
                    });
                }
                case BLOCK_BEGIN -> {
                    if (tokens.peek().kind() == Token.Kind.NAME
                            && ends.contains(tokens.peek().text())) {
                        depth--;
                        return Statement.sequence(all);
                    }
                    all.add(block());
                }
                case END -> {
                    if (!ends.isEmpty()) {
                        throw tokens.failed("the template ends where one of "
                                + ends.stream().sorted().toList() + " is missing");
                    }
                    depth--;
                    return Statement.sequence(all);
                }
                case BLOCK_END, VARIABLE_END, NAME, STRING, INTEGER, FLOAT, OPERATOR ->
                    throw tokens.failed("unexpected '" + token.text() + "'");
            }
        }
    }

    private Statement block() {
        String name = tokens.expect(Token.Kind.NAME).text();
        return switch (name) {
            case "if" -> condition();
            case "for" -> loop();
            case "set" -> assignment();
            case "macro" -> macro();
            case "generation" -> {
                blockEnd();
                Statement body = body(Set.of("endgeneration"));
                end();
                yield body;
            }
            case "break" -> {
                blockEnd();
                yield frame -> Statement.Next.BREAK;
            }
            case "continue" -> {
                blockEnd();
                yield frame -> Statement.Next.CONTINUE;
            }
            default ->
                throw tokens.failed("{% " + name + " %} is not supported; supported are if, for, set, macro, break,"
                        + " continue and generation");
        };
    }

    /** Takes the name of a block that ends another, and its end. */
    private String end() {
        String name = tokens.expect(Token.Kind.NAME).text();
        blockEnd();
        return name;
    }

    private void blockEnd() {
        tokens.expect(Token.Kind.BLOCK_END);
    }

    private Statement condition() {
        Expression condition = expressions.tuple();
        blockEnd();
        Statement then = body(Set.of("elif", "else", "endif"));
        String name = tokens.expect(Token.Kind.NAME).text();
        Statement otherwise;
        if (name.equals("elif")) {
            if (++depth > DEEPEST) {
                throw tokens.failed("an if has more than " + DEEPEST + " branches");
            }
            otherwise = condition();
            depth--;
        } else {
            blockEnd();
            otherwise = name.equals("else") ? body(Set.of("endif")) : frame -> Statement.Next.ON;
            if (name.equals("else")) {
                end();
            }
        }
        return frame -> Values.truth(condition.value(frame)) ? then.run(frame) : otherwise.run(frame);
    }

    private Statement loop() {
        List<String> targets = targets();
        tokens.expectName("in");
        Expression over = expressions.unconditional();
        Expression filter = tokens.takeName("if") ? expressions.expression() : frame -> true;
        if (tokens.peek().named("recursive")) {
            throw tokens.failed("{% for … recursive %} is not supported");
        }
        blockEnd();
        Statement body = body(Set.of("else", "endfor"));
        Statement otherwise = frame -> Statement.Next.ON;
        if (end().equals("else")) {
            otherwise = body(Set.of("endfor"));
            end();
        }
        return new ForLoop(targets, over, filter, body, otherwise, tokens);
    }

    private List<String> targets() {
        List<String> targets = new ArrayList<>();
        boolean enclosed = tokens.take("(");
        do {
            targets.add(tokens.expect(Token.Kind.NAME).text());
        } while (tokens.take(",") && targets.size() < ASSIGNED_AT_ONCE);
        if (enclosed) {
            tokens.expect(")");
        }
        return targets;
    }

    private Statement assignment() {
        String first = tokens.expect(Token.Kind.NAME).text();
        if (tokens.take(".")) {
            String attribute = tokens.expect(Token.Kind.NAME).text();
            tokens.expect("=");
            Expression value = expressions.tuple();
            blockEnd();
            int line = tokens.line();
            return frame -> {
                if (!(frame.get(first) instanceof Namespace namespace)) {
                    throw tokens.failed(
                            line, first + "." + attribute + " cannot be set: " + first + " is no namespace()");
                }
                namespace.set(attribute, value.value(frame));
                return Statement.Next.ON;
            };
        }
        List<String> targets = new ArrayList<>(List.of(first));
        while (tokens.take(",")) {
            targets.add(tokens.expect(Token.Kind.NAME).text());
        }
        if (tokens.take("=")) {
            Expression value = expressions.tuple();
            blockEnd();
            return frame -> {
                ForLoop.assign(frame, targets, value.value(frame), tokens);
                return Statement.Next.ON;
            };
        }
        Expression filtered = expressions.filters(frame -> frame.get(" block"));
        blockEnd();
        Statement body = body(Set.of("endset"));
        end();
        return frame -> {
            StringBuilder text = new StringBuilder();
            Frame inner = frame.writingTo(text);
            Statement.Next next = body.run(inner);
            inner.set(" block", text.toString());
            frame.set(first, filtered.value(inner));
            return next;
        };
    }

    private Statement macro() {
        String name = tokens.expect(Token.Kind.NAME).text();
        List<String> parameters = new ArrayList<>();
        List<Expression> defaults = new ArrayList<>();
        tokens.expect("(");
        while (!tokens.take(")")) {
            parameters.add(tokens.expect(Token.Kind.NAME).text());
            defaults.add(tokens.take("=") ? expressions.expression() : frame -> Nothing.UNDEFINED);
            if (!tokens.take(",") && !tokens.peek().is(")")) {
                throw tokens.failed("a macro's parameters must end with )");
            }
        }
        blockEnd();
        Statement body = body(Set.of("endmacro"));
        end();
        return frame -> {
            JinjaFunction function = (arguments, named) -> {
                if (arguments.size() > parameters.size() || !parameters.containsAll(named.keySet())) {
                    throw new InputException(tokens.source() + ": the macro " + name + " takes " + parameters);
                }
                frame.budget().enter();
                StringBuilder text = new StringBuilder();
                Frame inner = frame.writingTo(text);
                for (int i = 0; i < parameters.size(); i++) {
                    Object given = i < arguments.size() ? arguments.get(i) : named.get(parameters.get(i));
                    inner.set(parameters.get(i), given == null ? defaults.get(i).value(inner) : given);
                }
                body.run(inner);
                frame.budget().leave();
                return text.toString();
            };
            frame.set(name, function);
            return Statement.Next.ON;
        };
    }
}
