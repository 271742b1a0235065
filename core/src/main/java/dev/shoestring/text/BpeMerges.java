package dev.shoestring.text;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;

/**
 * Finds the merges of byte-pair encoding (Sennrich, Haddow and Birch 2016): the most frequent pair of neighbours becomes a piece,
 * again and again. Of equally frequent pairs the one of the smallest ids is taken, as in Hugging Face's trainer. Counts are kept up
 * to date by the words that hold the merged pair only.
 */
final class BpeMerges {
    private static final int REPORT_EVERY = 64;

    private final List<String> pieces;
    private final Map<String, Integer> ids = new HashMap<>();
    private final List<String> merges = new ArrayList<>();
    private final int[][] words;
    private final long[] wordCounts;
    private final Map<Long, Pair> pairs = new HashMap<>();
    private final PriorityQueue<Candidate> queue = new PriorityQueue<>();
    private final Set<Long> touched = new HashSet<>();

    /** How often a pair occurs, and the words that hold it or once did. */
    private static final class Pair {
        private long count;
        private long queued = -1;
        private int[] words = new int[2];
        private int size;

        void in(int word) {
            if (size > 0 && words[size - 1] == word) {
                return;
            }
            if (size == words.length) {
                words = Arrays.copyOf(words, 2 * size);
            }
            words[size++] = word;
        }
    }

    /** A pair with its count when it was queued. */
    private record Candidate(long count, long pair) implements Comparable<Candidate> {
        @Override
        public int compareTo(Candidate other) {
            return count != other.count ? Long.compare(other.count, count) : Long.compare(pair, other.pair);
        }
    }

    /** @param pieces the special tokens and the byte alphabet, by id; merged pieces are added to it */
    BpeMerges(List<String> pieces, Map<String, LongAdder> counts) {
        this.pieces = pieces;
        for (String piece : pieces) {
            ids.put(piece, ids.size());
        }
        words = new int[counts.size()][];
        wordCounts = new long[counts.size()];
        int word = 0;
        for (Map.Entry<String, LongAdder> counted : counts.entrySet()) {
            String letters = ByteAlphabet.written(counted.getKey());
            words[word] = letters.chars()
                    .map(letter -> ids.getOrDefault(String.valueOf((char) letter), 0))
                    .toArray();
            wordCounts[word] = counted.getValue().sum();
            add(word, 1);
            word++;
        }
    }

    /** Merges until there are {@code size} pieces or no pair occurs {@code leastCount} times; gives the merges, best first. */
    List<String> grow(int size, long leastCount, TokenizerProgress progress) {
        touched.clear();
        pairs.forEach((pair, found) -> {
            queue.add(new Candidate(found.count, pair));
            found.queued = found.count;
        });
        int before = pieces.size();
        while (pieces.size() < size) {
            Candidate best = queue.poll();
            if (best == null) {
                break;
            }
            Pair pair = pairs.get(best.pair());
            if (pair == null || pair.count != best.count()) {
                if (pair != null && pair.count > 0 && pair.count < best.count() && pair.count != pair.queued) {
                    queue.add(new Candidate(pair.count, best.pair()));
                    pair.queued = pair.count;
                }
                continue;
            }
            if (pair.count < leastCount) {
                break;
            }
            merge(best.pair(), pair);
            if (merges.size() % REPORT_EVERY == 0) {
                progress.at("finding merges", pieces.size() - before, size - before);
            }
        }
        return merges;
    }

    private void merge(long key, Pair pair) {
        int left = (int) (key >> 32);
        int right = (int) key;
        String piece = pieces.get(left) + pieces.get(right);
        merges.add(pieces.get(left) + " " + pieces.get(right));
        Integer known = ids.get(piece);
        int id = known == null ? pieces.size() : known;
        if (known == null) {
            ids.put(piece, id);
            pieces.add(piece);
        }
        pairs.remove(key);
        for (int i = 0; i < pair.size; i++) {
            int word = pair.words[i];
            int[] merged = merged(words[word], left, right, id);
            if (merged.length < words[word].length) {
                add(word, -1);
                words[word] = merged;
                add(word, 1);
            }
        }
        for (long changed : touched) {
            Pair found = pairs.get(changed);
            if (found != null && found.count > 0 && found.count != found.queued) {
                queue.add(new Candidate(found.count, changed));
                found.queued = found.count;
            }
        }
        touched.clear();
    }

    private void add(int word, int sign) {
        int[] symbols = words[word];
        for (int i = 0; i + 1 < symbols.length; i++) {
            long key = ((long) symbols[i] << 32) | symbols[i + 1];
            Pair pair = sign > 0 ? pairs.computeIfAbsent(key, unseen -> new Pair()) : pairs.get(key);
            if (pair != null) {
                pair.count += sign * wordCounts[word];
                if (sign > 0) {
                    pair.in(word);
                    touched.add(key);
                }
            }
        }
    }

    private static int[] merged(int[] symbols, int left, int right, int id) {
        int[] merged = new int[symbols.length];
        int length = 0;
        for (int i = 0; i < symbols.length; i++) {
            if (i + 1 < symbols.length && symbols[i] == left && symbols[i + 1] == right) {
                merged[length++] = id;
                i++;
            } else {
                merged[length++] = symbols[i];
            }
        }
        return Arrays.copyOf(merged, length);
    }
}
