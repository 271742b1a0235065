package dev.shoestring.shrink;

import dev.shoestring.models.ChannelMap;
import dev.shoestring.models.ImageConfig;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * Which channels and blocks of a convolutional network are kept so that it fits a limit. Numbers of channels go in steps of 8, of 4 in groups of less than
 * 64, for processors compute them so many at once. What these steps leave of the limit is filled up: the channels that matter most for what they cost come
 * back, one step at a time, until none fits any more.
 *
 * @param full the network that is cut
 * @param map which of its channels belong together
 * @param fits whether a network is small enough
 * @param price what a network costs, in the unit of the limit
 */
public record ChannelBudget(
        ImageConfig full, ChannelMap map, Predicate<ImageConfig> fits, ToDoubleFunction<ImageConfig> price) {
    private static final int STEPS = 96;
    private static final int WIDE = 64;
    private static final int NARROW = 16;

    /** No group is cut below this share of itself. */
    private static final double LEAST = 1.0 / 8;

    /** How the channels that go are shared out among the groups. */
    public enum Division {
        /** The same share of every group. */
        EVENLY("evenly"),
        /** The same share of every group inside a block; what blocks add up stays as wide as it is. */
        INSIDE("evenly inside the blocks"),
        /** The least important for what they cost, in whichever group they are. */
        BY_IMPORTANCE("by importance");

        private final String words;

        Division(String words) {
            this.words = words;
        }

        /** How, in words. */
        public String words() {
            return words;
        }
    }

    /** A network within the limit that has these blocks, none of whose groups could be one step wider; empty if none has. */
    public Optional<ImageCut> cut(List<List<Integer>> blocks, Division division, ImageImportance importance) {
        ImageCut whole = new ImageCut(blocks, Map.of());
        Optional<ImageCut> divided =
                switch (division) {
                    case EVENLY -> evenly(whole, importance, groups(whole));
                    case INSIDE -> evenly(whole, importance, inside(whole));
                    case BY_IMPORTANCE -> byImportance(whole, importance);
                };
        return divided.map(cut -> filled(cut, importance));
    }

    /** Widens one group after the other by a step, the one whose channels matter most for what they cost first, until none fits. */
    private ImageCut filled(ImageCut cut, ImageImportance importance) {
        ImageCut now = cut;
        while (true) {
            double price = price().applyAsDouble(now.config(full));
            @Nullable ImageCut best = null;
            double most = Double.NEGATIVE_INFINITY;
            for (String group : now.channels().keySet()) {
                ImageCut wider = wider(now, group, importance);
                ImageConfig config = wider.config(full);
                if (fits.test(config)) {
                    double gained =
                            importance.sum(group, wider.kept(map, group)) - importance.sum(group, now.kept(map, group));
                    double worth = gained / Math.max(price().applyAsDouble(config) - price, 1e-9);
                    if (worth > most) {
                        best = wider;
                        most = worth;
                    }
                }
            }
            if (best == null) {
                return now;
            }
            now = best;
        }
    }

    private ImageCut wider(ImageCut cut, String group, ImageImportance importance) {
        int size = map.size(group);
        int count = Math.min(size, cut.kept(map, group).size() + grain(size));
        Map<String, List<Integer>> kept = new TreeMap<>(cut.channels());
        if (count == size) {
            kept.remove(group);
        } else {
            kept.put(group, importance.most(group, count));
        }
        return cut.keeping(kept);
    }

    /** Groups of the blocks that are kept. */
    private List<String> groups(ImageCut cut) {
        List<String> groups = new ArrayList<>(map.groups());
        for (int stage = 0; stage < map.stages().size(); stage++) {
            ChannelMap.Stage one = map.stages().get(stage);
            for (int block = 0; block < one.blocks().size(); block++) {
                String prefix = one.prefix() + block + ".";
                if (!cut.keeps(stage, block)) {
                    groups.removeIf(group -> group.startsWith(prefix));
                }
            }
        }
        return groups;
    }

    private List<String> inside(ImageCut cut) {
        return groups(cut).stream()
                .filter(group -> map.stages().stream().anyMatch(stage -> group.startsWith(stage.prefix())))
                .toList();
    }

    private Optional<ImageCut> evenly(ImageCut whole, ImageImportance importance, List<String> groups) {
        for (int step = STEPS; step >= STEPS * LEAST; step--) {
            Map<String, List<Integer>> kept = new HashMap<>();
            for (String group : groups) {
                int size = map.size(group);
                int count = rounded((double) size * step / STEPS, size);
                if (count < size) {
                    kept.put(group, importance.most(group, count));
                }
            }
            ImageCut cut = whole.keeping(kept);
            if (fits.test(cut.config(full))) {
                return Optional.of(cut);
            }
        }
        return Optional.empty();
    }

    private static int grain(int size) {
        return size >= WIDE ? 8 : size >= NARROW ? 4 : 1;
    }

    private static int rounded(double wanted, int size) {
        int grain = grain(size);
        return Math.min(size, Math.max(least(size), (int) Math.round(wanted / grain) * grain));
    }

    private static int least(int size) {
        int grain = grain(size);
        return Math.max(grain, (int) Math.ceil(size * LEAST / grain) * grain);
    }

    /** A channel of a group, and how much it matters for what it costs. */
    private record Worth(String group, double perPrice) {}

    private Optional<ImageCut> byImportance(ImageCut whole, ImageImportance importance) {
        double all = price.applyAsDouble(whole.config(full));
        List<Worth> channels = new ArrayList<>();
        for (String group : groups(whole)) {
            int size = map.size(group);
            int fewer = Math.max(1, size - grain(size));
            double each = (all
                            - price.applyAsDouble(whole.keeping(Map.of(group, BertCut.upTo(fewer)))
                                    .config(full)))
                    / Math.max(1, size - fewer);
            for (double score : importance.channels(group)) {
                channels.add(new Worth(group, score / Math.max(each, 1e-9)));
            }
        }
        channels.sort(Comparator.comparingDouble(Worth::perPrice));
        // The fewest that must go: what is left gets smaller with each.
        int low = 0;
        int high = channels.size();
        if (!fits.test(without(whole, channels, high, importance).config(full))) {
            return Optional.empty();
        }
        while (low < high) {
            int middle = (low + high) / 2;
            if (fits.test(without(whole, channels, middle, importance).config(full))) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return Optional.of(without(whole, channels, high, importance));
    }

    private ImageCut without(ImageCut whole, List<Worth> channels, int gone, ImageImportance importance) {
        Map<String, Integer> removed = new HashMap<>();
        channels.subList(0, gone).forEach(channel -> removed.merge(channel.group(), 1, Integer::sum));
        Map<String, List<Integer>> kept = new HashMap<>();
        removed.forEach((group, count) -> {
            int size = map.size(group);
            int grain = grain(size);
            // Upwards, so that one more that goes never leaves a larger network.
            int left = Math.min(size, Math.max(least(size), (size - count + grain - 1) / grain * grain));
            if (left < size) {
                kept.put(group, importance.most(group, left));
            }
        });
        return whole.keeping(kept);
    }

    /**
     * Choices of blocks: all, and ever fewer, the one that matters least for what it costs gone first; each stage keeps one.
     */
    public List<List<List<Integer>>> blocks(ImageImportance importance) {
        List<List<List<Integer>>> choices = new ArrayList<>();
        ImageCut now = ImageCut.nothing(map);
        choices.add(now.blocks());
        while (true) {
            Map<ImageCut, Double> worth = new LinkedHashMap<>();
            double price = price().applyAsDouble(now.config(full));
            for (int stage = 0; stage < now.blocks().size(); stage++) {
                for (int block : now.blocks().get(stage)) {
                    boolean removable =
                            map.stages().get(stage).blocks().get(block).branchEnd() != null
                                    && now.blocks().get(stage).size() > 1;
                    if (removable) {
                        ImageCut without = without(now, stage, block);
                        double saved = price - price().applyAsDouble(without.config(full));
                        worth.put(without, importance.blocks(stage)[block] / Math.max(saved, 1e-9));
                    }
                }
            }
            Optional<ImageCut> least =
                    worth.entrySet().stream().min(Map.Entry.comparingByValue()).map(Map.Entry::getKey);
            if (least.isEmpty()) {
                return choices;
            }
            now = least.get();
            choices.add(now.blocks());
        }
    }

    private static ImageCut without(ImageCut cut, int stage, int block) {
        List<List<Integer>> blocks = new ArrayList<>(cut.blocks());
        blocks.set(stage, blocks.get(stage).stream().filter(one -> one != block).toList());
        return new ImageCut(blocks, cut.channels());
    }

    /** The smallest network of all. */
    public ImageConfig smallest(ImageImportance importance) {
        List<List<List<Integer>>> choices = blocks(importance);
        ImageCut fewest = new ImageCut(choices.get(choices.size() - 1), Map.of());
        Map<String, List<Integer>> kept = new HashMap<>();
        for (String group : groups(fewest)) {
            int size = map.size(group);
            if (least(size) < size) {
                kept.put(group, BertCut.upTo(least(size)));
            }
        }
        return fewest.keeping(kept).config(full);
    }

    /** What is kept, in words. */
    public String words(ImageCut cut) {
        List<String> groups = groups(cut);
        int before = groups.stream().mapToInt(map::size).sum();
        int after =
                groups.stream().mapToInt(group -> cut.kept(map, group).size()).sum();
        String channels = after == before ? "all channels" : after + " of " + before + " channels";
        if (map.stages().isEmpty()) {
            return channels;
        }
        List<String> counts =
                cut.blocks().stream().map(kept -> Integer.toString(kept.size())).toList();
        return "blocks " + String.join("-", counts) + ", " + channels;
    }
}
