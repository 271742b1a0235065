package dev.shoestring.data;

import java.util.Set;

/**
 * Which contents are held out. The key of a content alone decides, so that the same content is never in both parts, whatever the order
 * of the data, and adding data moves nothing.
 */
public sealed interface ContentSplit {
    /** Whether the content with this key (hexadecimal, at least 16 digits) is held out. */
    boolean holds(String key);

    /** Nothing is held out. */
    record None() implements ContentSplit {
        @Override
        public boolean holds(String key) {
            return false;
        }
    }

    /**
     * About this share of the contents is held out, drawn by key and seed.
     *
     * @param share in [0, 1]
     * @param seed another seed holds out others
     */
    record Share(double share, long seed) implements ContentSplit {
        /** Checks the share. */
        public Share {
            if (!(share >= 0 && share <= 1)) {
                throw new IllegalArgumentException("the share must be in [0, 1]: " + share);
            }
        }

        @Override
        public boolean holds(String key) {
            return SplitMix.of(seed, SeenKeys.number(key)).nextDouble() < share;
        }
    }

    /**
     * The contents of a held-out file are held out.
     *
     * @param keys their keys
     */
    record Listed(Set<String> keys) implements ContentSplit {
        /** Copies the set. */
        public Listed {
            keys = Set.copyOf(keys);
        }

        @Override
        public boolean holds(String key) {
            return keys.contains(key);
        }
    }
}
