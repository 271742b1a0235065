package dev.shoestring.generate;

import java.util.List;

/** Lets text through up to the first stop string; what may be the beginning of one is held back until it is known not to be. */
public final class StopText {
    private final List<String> stops;
    private final StringBuilder held = new StringBuilder();
    private boolean stopped;

    /** Waits for any of these strings, none of them empty. */
    public StopText(List<String> stops) {
        this.stops = List.copyOf(stops);
    }

    /** Takes more text and gives what can be shown by now. */
    public String accept(String text) {
        if (stopped) {
            return "";
        }
        held.append(text);
        int first = -1;
        int end = Integer.MAX_VALUE;
        for (String stop : stops) {
            int at = held.indexOf(stop);
            // The one that is complete first, so that it does not matter in which pieces the text came.
            if (at >= 0 && (at + stop.length() < end || (at + stop.length() == end && at < first))) {
                first = at;
                end = at + stop.length();
            }
        }
        stopped = first >= 0;
        int shown = stopped ? first : held.length() - beginnings();
        String out = held.substring(0, shown);
        held.delete(0, shown);
        return out;
    }

    /** Length of the longest ending that a stop string begins with. */
    private int beginnings() {
        int longest = 0;
        for (String stop : stops) {
            for (int length = Math.min(stop.length() - 1, held.length()); length > longest; length--) {
                if (held.indexOf(stop.substring(0, length), held.length() - length) >= 0) {
                    longest = length;
                }
            }
        }
        return longest;
    }

    /** Whether a stop string came. */
    public boolean stopped() {
        return stopped;
    }

    /** Ends the text and gives what was held back. */
    public String finish() {
        String rest = stopped ? "" : held.toString();
        held.setLength(0);
        return rest;
    }
}
