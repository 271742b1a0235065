package dev.shoestring.report;

import java.util.Map;
import java.util.Properties;

/**
 * Where progress is shown.
 *
 * @param interactive whether a person watches it, so that a line can be redrawn in place
 * @param width its columns
 * @param colored whether it shows colours
 */
public record Terminal(boolean interactive, int width, boolean colored) {
    /** System property in which the launcher passes the width of the terminal behind standard error; absent if it is none. */
    public static final String WIDTH_PROPERTY = "shoestring.terminal.width";

    private static final int USUAL_WIDTH = 80;
    private static final int NARROWEST = 20;
    private static final int WIDEST = 1000;

    /** What stands behind standard error. Java cannot ask that itself while standard output is redirected. */
    public static Terminal ofStandardError() {
        return from(System.getProperties(), System.getenv());
    }

    static Terminal from(Properties properties, Map<String, String> environment) {
        String width = properties.getProperty(WIDTH_PROPERTY);
        if (width == null || "dumb".equals(environment.get("TERM"))) {
            return new Terminal(false, USUAL_WIDTH, false);
        }
        // https://no-color.org: set and not empty
        boolean colored = environment.getOrDefault("NO_COLOR", "").isEmpty();
        return new Terminal(true, columns(environment.getOrDefault("COLUMNS", width)), colored);
    }

    private static int columns(String text) {
        try {
            int columns = Integer.parseInt(text.strip());
            return columns < NARROWEST || columns > WIDEST ? USUAL_WIDTH : columns;
        } catch (NumberFormatException notANumber) {
            return USUAL_WIDTH;
        }
    }
}
