package dev.shoestring.text.jinja;

import dev.shoestring.recipe.InputException;
import java.util.List;
import java.util.Locale;

/** Gives tokens in order. */
final class TokenReader {
    private final List<Token> tokens;
    private final String source;
    private int at;

    TokenReader(List<Token> tokens, String source) {
        this.tokens = tokens;
        this.source = source;
    }

    String source() {
        return source;
    }

    Token peek() {
        return tokens.get(Math.min(at, tokens.size() - 1));
    }

    /** The token after the next one. */
    Token second() {
        return tokens.get(Math.min(at + 1, tokens.size() - 1));
    }

    Token next() {
        Token token = peek();
        at++;
        return token;
    }

    boolean take(String operator) {
        boolean taken = peek().is(operator);
        at += taken ? 1 : 0;
        return taken;
    }

    boolean takeName(String name) {
        boolean taken = peek().named(name);
        at += taken ? 1 : 0;
        return taken;
    }

    void expect(String operator) {
        if (!take(operator)) {
            throw failed("'" + operator + "' is expected before " + shown());
        }
    }

    void expectName(String name) {
        if (!takeName(name)) {
            throw failed("'" + name + "' is expected before " + shown());
        }
    }

    Token expect(Token.Kind kind) {
        if (peek().kind() != kind) {
            throw failed(kind.name().toLowerCase(Locale.ROOT).replace('_', ' ') + " is expected, not " + shown());
        }
        return next();
    }

    private String shown() {
        String text = peek().text();
        return text.isEmpty() ? peek().kind().name().toLowerCase(Locale.ROOT).replace('_', ' ') : "'" + text + "'";
    }

    int line() {
        return peek().line();
    }

    InputException failed(String what) {
        return failed(line(), what);
    }

    InputException failed(int line, String what) {
        return new InputException(source + (line > 0 ? ", line " + line : "") + ": " + what);
    }
}
