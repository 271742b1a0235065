package dev.shoestring.text;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.regex.Pattern;

/** How a text is split into words before pairs of bytes are merged inside them; no merge crosses a word's end. */
public enum PreTokenization {
    /** GPT-2's: English contractions, letters, digits of any number, other marks, each with one space before it. */
    GPT2("'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+"),

    /** Llama 3's: as GPT-2's, but digits in groups of three at most and without a space, and the ends of lines apart. */
    LLAMA3("(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}|"
            + " ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+");

    private final String expression;
    private final Pattern pattern;

    PreTokenization(String expression) {
        this.expression = expression;
        // Hugging Face's engine takes \s for all of Unicode's white space, Java for ASCII's
        this.pattern =
                Pattern.compile(expression.replace("\\S", "\\P{IsWhite_Space}").replace("\\s", "\\p{IsWhite_Space}"));
    }

    Pattern pattern() {
        return pattern;
    }

    /** The {@code pre_tokenizer} of {@code tokenizer.json}. */
    ObjectNode json() {
        JsonNodeFactory nodes = JsonNodeFactory.instance;
        ObjectNode bytes = nodes.objectNode()
                .put("type", "ByteLevel")
                .put("add_prefix_space", false)
                .put("trim_offsets", false)
                .put("use_regex", this == GPT2);
        if (this == GPT2) {
            return bytes;
        }
        ObjectNode split = nodes.objectNode().put("type", "Split");
        split.putObject("pattern").put("Regex", expression);
        split.put("behavior", "Isolated").put("invert", false);
        ObjectNode sequence = nodes.objectNode().put("type", "Sequence");
        sequence.putArray("pretokenizers").add(split).add(bytes);
        return sequence;
    }
}
