package dev.shoestring.text.jinja;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads expressions, with the precedences of Jinja2. */
final class ExpressionParser {
    private static final int DEEPEST = 100;
    private static final Set<String> COMPARISONS = Set.of("==", "!=", "<", "<=", ">", ">=");
    private static final Set<String> NOT_AN_ARGUMENT = Set.of("else", "or", "and", "is", "not", "in", "if");

    private final TokenReader tokens;
    private int depth;

    ExpressionParser(TokenReader tokens) {
        this.tokens = tokens;
    }

    /** An expression, or several between commas, which make a list. */
    Expression tuple() {
        Expression first = expression();
        if (!tokens.peek().is(",")) {
            return first;
        }
        List<Expression> all = new ArrayList<>(List.of(first));
        while (tokens.take(",")) {
            if (endsTuple()) {
                break;
            }
            all.add(expression());
        }
        return list(all);
    }

    private boolean endsTuple() {
        Token.Kind kind = tokens.peek().kind();
        return kind == Token.Kind.BLOCK_END
                || kind == Token.Kind.VARIABLE_END
                || tokens.peek().is(")");
    }

    private static Expression list(List<Expression> all) {
        return frame -> {
            List<Object> values = new ArrayList<>(all.size());
            for (Expression one : all) {
                values.add(one.value(frame));
            }
            return values;
        };
    }

    /** An expression. */
    Expression expression() {
        if (++depth > DEEPEST) {
            throw tokens.failed("expressions stand more than " + DEEPEST + " deep in each other");
        }
        Expression value = unconditional();
        while (tokens.takeName("if")) {
            Expression then = value;
            Expression condition = unconditional();
            Expression otherwise = tokens.takeName("else") ? expression() : frame -> Nothing.UNDEFINED;
            value = frame -> Values.truth(condition.value(frame)) ? then.value(frame) : otherwise.value(frame);
        }
        depth--;
        return value;
    }

    /** An expression without {@code if}. */
    Expression unconditional() {
        Expression left = and();
        while (tokens.takeName("or")) {
            Expression first = left;
            Expression second = and();
            left = frame -> {
                Object value = first.value(frame);
                return Values.truth(value) ? value : second.value(frame);
            };
        }
        return left;
    }

    private Expression and() {
        Expression left = not();
        while (tokens.takeName("and")) {
            Expression first = left;
            Expression second = not();
            left = frame -> {
                Object value = first.value(frame);
                return Values.truth(value) ? second.value(frame) : value;
            };
        }
        return left;
    }

    private Expression not() {
        boolean negated = false;
        boolean any = false;
        while (tokens.takeName("not")) {
            negated = !negated;
            any = true;
        }
        Expression value = comparison();
        boolean turned = negated;
        return any ? frame -> Values.truth(value.value(frame)) != turned : value;
    }

    private Expression comparison() {
        Expression left = sum();
        Expression chain = null;
        while (true) {
            Token token = tokens.peek();
            String operator;
            if (token.kind() == Token.Kind.OPERATOR && COMPARISONS.contains(token.text())) {
                operator = tokens.next().text();
            } else if (token.named("in")) {
                operator = tokens.next().text();
            } else if (token.named("not") && tokens.second().named("in")) {
                tokens.next();
                tokens.next();
                operator = "not in";
            } else {
                return chain == null ? left : chain;
            }
            Expression first = left;
            Expression second = sum();
            Expression before = chain;
            chain = frame -> {
                if (before != null && !Values.truth(before.value(frame))) {
                    return false;
                }
                frame.budget().step();
                return Operators.compare(
                        operator, first.value(frame), second.value(frame), frame.budget(), tokens.source());
            };
            left = second;
        }
    }

    private Expression sum() {
        Expression left = concatenation();
        while (tokens.peek().is("+") || tokens.peek().is("-")) {
            left = operation(left, tokens.next().text(), concatenation());
        }
        return left;
    }

    private Expression concatenation() {
        Expression left = product();
        while (tokens.take("~")) {
            left = operation(left, "~", product());
        }
        return left;
    }

    private Expression product() {
        Expression left = power();
        while (tokens.peek().is("*")
                || tokens.peek().is("/")
                || tokens.peek().is("//")
                || tokens.peek().is("%")) {
            left = operation(left, tokens.next().text(), power());
        }
        return left;
    }

    private Expression power() {
        Expression left = unary(true);
        while (tokens.take("**")) {
            left = operation(left, "**", unary(true));
        }
        return left;
    }

    private Expression operation(Expression left, String operator, Expression right) {
        return frame -> {
            frame.budget().step();
            return Operators.apply(operator, left.value(frame), right.value(frame), frame.budget(), tokens.source());
        };
    }

    private Expression unary(boolean filtered) {
        if (++depth > DEEPEST) {
            throw tokens.failed("expressions stand more than " + DEEPEST + " deep in each other");
        }
        Expression value;
        if (tokens.peek().is("-") || tokens.peek().is("+")) {
            String sign = tokens.next().text();
            value = operation(frame -> 0L, sign, unary(false));
        } else {
            value = primary();
        }
        value = postfix(value);
        depth--;
        return filtered ? filters(value) : value;
    }

    private Expression postfix(Expression value) {
        Expression result = value;
        while (true) {
            Expression of = result;
            if (tokens.take(".")) {
                Token name = tokens.next();
                if (name.kind() == Token.Kind.INTEGER) {
                    long index = integer(name.text());
                    result = frame -> Values.item(of.value(frame), index, frame.budget(), tokens.source());
                } else if (name.kind() == Token.Kind.NAME) {
                    result = frame -> Values.attribute(of.value(frame), name.text(), frame.budget(), tokens.source());
                } else {
                    throw tokens.failed("a name is expected after '.'");
                }
            } else if (tokens.take("[")) {
                result = subscript(of);
            } else if (tokens.peek().is("(")) {
                result = call(of);
            } else {
                return result;
            }
        }
    }

    private Expression subscript(Expression of) {
        Expression[] parts = new Expression[3];
        int part = 0;
        while (!tokens.take("]")) {
            if (tokens.take(":")) {
                if (++part > 2) {
                    throw tokens.failed("a slice has three parts at most");
                }
            } else if (parts[part] == null) {
                parts[part] = expression();
            } else {
                throw tokens.failed("']' is expected");
            }
        }
        Expression none = frame -> Nothing.NONE;
        Expression from = parts[0] == null ? none : parts[0];
        if (part == 0) {
            if (parts[0] == null) {
                throw tokens.failed("an index is missing between [ and ]");
            }
            return frame -> Values.item(of.value(frame), from.value(frame), frame.budget(), tokens.source());
        }
        Expression to = parts[1] == null ? none : parts[1];
        Expression step = parts[2] == null ? none : parts[2];
        return frame -> Values.slice(
                of.value(frame),
                from.value(frame),
                to.value(frame),
                step.value(frame),
                frame.budget(),
                tokens.source());
    }

    /** Arguments between parentheses. */
    private record Arguments(List<Expression> positional, Map<String, Expression> named) {
        List<Object> values(Frame frame) {
            List<Object> values = new ArrayList<>();
            positional.forEach(one -> values.add(one.value(frame)));
            return values;
        }

        Map<String, Object> namedValues(Frame frame) {
            Map<String, Object> values = new LinkedHashMap<>();
            named.forEach((name, one) -> values.put(name, one.value(frame)));
            return values;
        }
    }

    private Arguments arguments() {
        Arguments arguments = new Arguments(new ArrayList<>(), new LinkedHashMap<>());
        tokens.expect("(");
        while (!tokens.take(")")) {
            if (tokens.peek().is("*") || tokens.peek().is("**")) {
                throw tokens.failed("arguments with * are not supported");
            }
            if (tokens.peek().kind() == Token.Kind.NAME && tokens.second().is("=")) {
                String name = tokens.next().text();
                tokens.expect("=");
                arguments.named().put(name, expression());
            } else {
                arguments.positional().add(expression());
            }
            if (!tokens.take(",") && !tokens.peek().is(")")) {
                throw tokens.failed("')' is expected");
            }
        }
        return arguments;
    }

    private Expression call(Expression of) {
        int line = tokens.line();
        Arguments arguments = arguments();
        return frame -> {
            frame.budget().step();
            if (!(of.value(frame) instanceof JinjaFunction function)) {
                throw tokens.failed(line, "calls what is no function here: the method or function is not known");
            }
            return function.call(arguments.values(frame), arguments.namedValues(frame));
        };
    }

    /** Filters, tests and calls after a value. */
    Expression filters(Expression value) {
        Expression result = value;
        while (true) {
            Expression of = result;
            if (tokens.take("|")) {
                String name = tokens.expect(Token.Kind.NAME).text();
                Arguments arguments = tokens.peek().is("(") ? arguments() : new Arguments(List.of(), Map.of());
                if (!Filters.NAMES.contains(name)) {
                    throw tokens.failed("the filter " + name + " is not supported; supported are " + Filters.names());
                }
                result = frame -> {
                    frame.budget().step();
                    return Filters.apply(
                            name,
                            of.value(frame),
                            new Given(
                                    arguments.values(frame),
                                    arguments.namedValues(frame),
                                    frame.budget(),
                                    tokens.source()));
                };
            } else if (tokens.takeName("is")) {
                result = test(of);
            } else if (tokens.peek().is("(")) {
                result = call(of);
            } else {
                return result;
            }
        }
    }

    private Expression test(Expression of) {
        boolean negated = tokens.takeName("not");
        Token token = tokens.next();
        String name = token.text();
        if (!Tests.NAMES.contains(name)) {
            throw tokens.failed("the test \"is " + name + "\" is not supported; supported are " + Tests.names());
        }
        Arguments arguments = new Arguments(List.of(), Map.of());
        Token next = tokens.peek();
        if (next.is("(")) {
            arguments = arguments();
        } else if (next.kind() == Token.Kind.STRING
                || next.kind() == Token.Kind.INTEGER
                || next.kind() == Token.Kind.FLOAT
                || next.is("[")
                || next.is("{")
                || (next.kind() == Token.Kind.NAME && !NOT_AN_ARGUMENT.contains(next.text()))) {
            arguments = new Arguments(List.of(postfix(primary())), Map.of());
        }
        Arguments given = arguments;
        return frame -> {
            frame.budget().step();
            return Tests.passes(name, of.value(frame), given.values(frame), frame.budget(), tokens.source()) != negated;
        };
    }

    private Expression primary() {
        Token token = tokens.next();
        return switch (token.kind()) {
            case STRING -> {
                StringBuilder text = new StringBuilder(token.text());
                while (tokens.peek().kind() == Token.Kind.STRING) {
                    text.append(tokens.next().text());
                }
                String whole = text.toString();
                yield frame -> whole;
            }
            case INTEGER -> {
                long value = integer(token.text());
                yield frame -> value;
            }
            case FLOAT -> {
                double value = Double.parseDouble(token.text());
                yield frame -> value;
            }
            case NAME -> name(token.text());
            case OPERATOR -> enclosed(token);
            case DATA, BLOCK_BEGIN, BLOCK_END, VARIABLE_BEGIN, VARIABLE_END, END ->
                throw tokens.failed("an expression is missing");
        };
    }

    private long integer(String digits) {
        try {
            return Long.parseLong(digits);
        } catch (NumberFormatException tooLarge) {
            throw tokens.failed("the number " + digits + " is too large");
        }
    }

    private static Expression name(String name) {
        return switch (name) {
            case "true", "True" -> frame -> true;
            case "false", "False" -> frame -> false;
            case "none", "None" -> frame -> Nothing.NONE;
            default ->
                frame -> {
                    frame.budget().step();
                    return frame.get(name);
                };
        };
    }

    private Expression enclosed(Token token) {
        if (token.is("(")) {
            if (tokens.take(")")) {
                return list(List.of());
            }
            Expression inner = tuple();
            tokens.expect(")");
            return inner;
        }
        if (token.is("[")) {
            List<Expression> all = new ArrayList<>();
            while (!tokens.take("]")) {
                all.add(expression());
                if (!tokens.take(",") && !tokens.peek().is("]")) {
                    throw tokens.failed("']' is expected");
                }
            }
            return list(all);
        }
        if (token.is("{")) {
            List<Expression> keys = new ArrayList<>();
            List<Expression> values = new ArrayList<>();
            while (!tokens.take("}")) {
                keys.add(expression());
                tokens.expect(":");
                values.add(expression());
                if (!tokens.take(",") && !tokens.peek().is("}")) {
                    throw tokens.failed("'}' is expected");
                }
            }
            return frame -> {
                Map<Object, Object> made = new LinkedHashMap<>();
                for (int i = 0; i < keys.size(); i++) {
                    made.put(
                            Values.key(keys.get(i).value(frame), tokens.source()),
                            values.get(i).value(frame));
                }
                return made;
            };
        }
        throw tokens.failed("unexpected '" + token.text() + "'");
    }
}
