package dev.shoestring.text.jinja;

import dev.shoestring.recipe.InputException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Splits a template into tokens as Jinja2 does with {@code trim_blocks} and {@code lstrip_blocks}, which transformers sets: a line
 * end after a block is dropped, and so are spaces before a block that begins its line.
 */
final class Lexer {
    private static final Pattern BEGIN = Pattern.compile("\\{[%{#][-+]?");
    private static final Pattern INSIDE = Pattern.compile("\\s*(?:(?<end>[-+]?%\\}|-?\\}\\})"
            + "|(?<float>\\d[\\d_]*(?:\\.\\d+(?:[eE][-+]?\\d+)?|[eE][-+]?\\d+))|(?<integer>\\d[\\d_]*)"
            + "|(?<name>[\\p{L}_][\\p{L}\\p{N}_]*)"
            + "|(?<operator>==|!=|<=|>=|//|\\*\\*|[-+*/%~|.,:()\\[\\]{}<>=]))");

    private final String source;
    private final String text;
    private final List<Token> tokens = new ArrayList<>();
    private int at;
    private int line = 1;
    private int counted;

    private Lexer(String text, String source) {
        String normal = text.replace("\r\n", "\n").replace('\r', '\n');
        this.text = normal.endsWith("\n") ? normal.substring(0, normal.length() - 1) : normal;
        this.source = source;
    }

    static List<Token> tokens(String text, String source) {
        Lexer lexer = new Lexer(text, source);
        lexer.all();
        return lexer.tokens;
    }

    private void all() {
        Matcher begin = BEGIN.matcher(text);
        boolean lineStarts = true;
        boolean stripLeft = false;
        while (true) {
            boolean found = begin.find(at);
            int end = found ? begin.start() : text.length();
            String data = text.substring(at, end);
            boolean blank = lineStarts;
            if (stripLeft) {
                String kept = data.stripLeading();
                blank = lineStarts
                        || data.substring(0, data.length() - kept.length()).endsWith("\n");
                data = kept;
            }
            if (!found) {
                add(Token.Kind.DATA, data);
                add(Token.Kind.END, "");
                return;
            }
            String tag = begin.group();
            boolean block = tag.charAt(1) != '{';
            if (tag.endsWith("-")) {
                data = data.stripTrailing();
            } else if (block && !tag.endsWith("+")) {
                int start = data.lastIndexOf('\n') + 1;
                if ((start > 0 || blank) && data.substring(start).isBlank()) {
                    data = data.substring(0, start);
                }
            }
            add(Token.Kind.DATA, data);
            at = begin.end();
            String closing = tag.charAt(1) == '#' ? comment() : inside(block);
            stripLeft = closing.startsWith("-");
            lineStarts = false;
            if (block && !stripLeft && !closing.startsWith("+") && at < text.length() && text.charAt(at) == '\n') {
                at++;
                lineStarts = true;
            }
        }
    }

    private String comment() {
        int end = text.indexOf("#}", at);
        if (end < 0) {
            throw failed("a comment {# does not end");
        }
        char sign = end > at ? text.charAt(end - 1) : ' ';
        at = end + 2;
        return sign == '-' || sign == '+' ? sign + "#}" : "#}";
    }

    private String inside(boolean block) {
        add(block ? Token.Kind.BLOCK_BEGIN : Token.Kind.VARIABLE_BEGIN, "");
        int braces = 0;
        Matcher token = INSIDE.matcher(text);
        while (true) {
            int start = at;
            while (start < text.length() && Character.isWhitespace(text.charAt(start))) {
                start++;
            }
            if (start < text.length() && (text.charAt(start) == '"' || text.charAt(start) == '\'')) {
                at = start;
                string(text.charAt(start));
                continue;
            }
            if (braces > 0 && start < text.length() && text.charAt(start) == '}') {
                braces--;
                at = start + 1;
                add(Token.Kind.OPERATOR, "}");
                continue;
            }
            token.region(at, text.length());
            if (!token.lookingAt()) {
                throw failed(start >= text.length() ? "a tag does not end" : "unexpected '" + text.charAt(start) + "'");
            }
            at = token.end();
            String end = token.group("end");
            if (end != null) {
                if (end.endsWith("%}") != block) {
                    throw failed("unexpected '" + end + "'");
                }
                add(block ? Token.Kind.BLOCK_END : Token.Kind.VARIABLE_END, "");
                return end;
            }
            String operator = token.group("operator");
            if (operator != null) {
                braces += operator.equals("{") ? 1 : 0;
                add(Token.Kind.OPERATOR, operator);
            } else if (token.group("name") != null) {
                add(Token.Kind.NAME, token.group("name"));
            } else if (token.group("integer") != null) {
                add(Token.Kind.INTEGER, token.group("integer").replace("_", ""));
            } else {
                add(Token.Kind.FLOAT, token.group("float").replace("_", ""));
            }
        }
    }

    private void string(char quote) {
        StringBuilder meant = new StringBuilder();
        for (int i = at + 1; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == quote) {
                at = i + 1;
                add(Token.Kind.STRING, meant.toString());
                return;
            }
            if (c != '\\' || i + 1 >= text.length()) {
                meant.append(c);
                continue;
            }
            char escaped = text.charAt(++i);
            int digits = escaped == 'x' ? 2 : escaped == 'u' ? 4 : escaped == 'U' ? 8 : 0;
            if (digits > 0) {
                meant.appendCodePoint(code(i + 1, digits));
                i += digits;
                continue;
            }
            int known = "ntrbfav0\\'\"\n".indexOf(escaped);
            if (known < 0) {
                meant.append('\\').append(escaped);
            } else if (escaped != '\n') {
                meant.append("\n\t\r\b\f\u0007\u000B\0\\'\"".charAt(known));
            }
        }
        throw failed("a string does not end");
    }

    private int code(int from, int digits) {
        try {
            int code = Integer.parseInt(text.substring(from, from + digits), 16);
            if (Character.isValidCodePoint(code)) {
                return code;
            }
        } catch (NumberFormatException | StringIndexOutOfBoundsException wrong) {
            throw failed("an escape in a string is wrong");
        }
        throw failed("an escape in a string is wrong");
    }

    private void add(Token.Kind kind, String meant) {
        for (; counted < at; counted++) {
            line += text.charAt(counted) == '\n' ? 1 : 0;
        }
        if (kind != Token.Kind.DATA || !meant.isEmpty()) {
            tokens.add(new Token(kind, meant, line));
        }
    }

    private InputException failed(String what) {
        return new InputException(source + ", line " + line + ": " + what);
    }
}
