package dev.shoestring.run;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Networks that were cut and are still in memory, each by its design. Closing closes all that nobody has taken. */
final class OpenCuts implements AutoCloseable {
    private final Map<Shrinkable.Design, Shrinkable.Cut> open = new LinkedHashMap<>();

    /** The network of a design, which stays here. */
    Shrinkable.Cut open(Shrinkable.Design design) {
        return open.computeIfAbsent(design, Shrinkable.Design::cut);
    }

    /** The network of a design, which the caller closes. */
    Shrinkable.Cut take(Shrinkable.Design design) {
        Shrinkable.Cut cut = open(design);
        open.remove(design);
        return cut;
    }

    /** Closes all networks but those of these designs. */
    void keepOnly(Collection<? extends Shrinkable.Design> designs) {
        open.entrySet().removeIf(entry -> {
            boolean gone = !designs.contains(entry.getKey());
            if (gone) {
                entry.getValue().close();
            }
            return gone;
        });
    }

    @Override
    public void close() {
        keepOnly(List.of());
    }
}
