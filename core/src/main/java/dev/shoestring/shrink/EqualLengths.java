package dev.shoestring.shrink;

import dev.shoestring.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntUnaryOperator;

/**
 * Texts in groups of one length each, so that nothing is padded. The tokens of all texts follow each other: what is known of each token is a matrix of
 * N rows, whatever the length of its text.
 */
public final class EqualLengths {
    // G texts of a group, T tokens of each, N tokens of all texts, H heads, K head width
    private final List<Group> groups;
    private final int tokens;

    /** Texts of one length: their token ids one text after the other, and where the first of them stands among all. */
    private record Group(List<int[]> texts, int length, int first) {}

    private EqualLengths(List<Group> groups, int tokens) {
        this.groups = groups;
        this.tokens = tokens;
    }

    /** Puts texts in order. */
    public static EqualLengths of(List<int[]> texts) {
        Map<Integer, List<int[]>> byLength = new TreeMap<>();
        texts.forEach(ids -> byLength.computeIfAbsent(ids.length, length -> new ArrayList<>())
                .add(ids));
        List<Group> groups = new ArrayList<>();
        int tokens = 0;
        for (Map.Entry<Integer, List<int[]>> one : byLength.entrySet()) {
            groups.add(new Group(List.copyOf(one.getValue()), one.getKey(), tokens));
            tokens += one.getKey() * one.getValue().size();
        }
        return new EqualLengths(groups, tokens);
    }

    /** Tokens of all texts. */
    public int tokens() {
        return tokens;
    }

    /** Number of texts. */
    public int texts() {
        return groups.stream().mapToInt(group -> group.texts().size()).sum();
    }

    /** The ids, each as {@code row} has it; (N). */
    Tensor ids(IntUnaryOperator row) {
        int[] ids = new int[tokens];
        int next = 0;
        for (Group group : groups) {
            for (int[] text : group.texts()) {
                for (int id : text) {
                    ids[next++] = row.applyAsInt(id);
                }
            }
        }
        return Tensor.of(ids, tokens);
    }

    /** Each token's place in its text, from 0; (N). */
    Tensor positions() {
        int[] places = new int[tokens];
        int next = 0;
        for (Group group : groups) {
            for (int text = 0; text < group.texts().size(); text++) {
                for (int place = 0; place < group.length(); place++) {
                    places[next++] = place;
                }
            }
        }
        return Tensor.of(places, tokens);
    }

    /** The rows of the first tokens of all texts; (texts). */
    Tensor firsts() {
        int[] rows = new int[texts()];
        int next = 0;
        for (Group group : groups) {
            for (int text = 0; text < group.texts().size(); text++) {
                rows[next++] = group.first() + text * group.length();
            }
        }
        return Tensor.of(rows, rows.length);
    }

    /** What each token draws from those of its own text (arXiv 1706.03762, section 3.2.1); (N, H·K) each. */
    Tensor attend(Tensor query, Tensor key, Tensor value, int heads) {
        List<Tensor> parts = new ArrayList<>();
        long headDim = query.size(1) / heads;
        for (Group group : groups) {
            long texts = group.texts().size();
            long length = group.length();
            Tensor q_GHTK = heads(query, group, heads).mul(1 / Math.sqrt((double) headDim));
            Tensor weights_GHTT =
                    q_GHTK.matmul(heads(key, group, heads).transpose(2, 3)).softmax(-1);
            parts.add(weights_GHTT
                    .matmul(heads(value, group, heads))
                    .transpose(1, 2)
                    .reshape(texts * length, heads * headDim));
        }
        return Tensor.cat(parts, 0);
    }

    private static Tensor heads(Tensor x, Group group, int heads) {
        long texts = group.texts().size();
        return x.narrow(0, group.first(), texts * group.length())
                .reshape(texts, group.length(), heads, x.size(1) / heads)
                .transpose(1, 2);
    }
}
