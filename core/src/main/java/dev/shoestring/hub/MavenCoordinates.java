package dev.shoestring.hub;

import dev.shoestring.recipe.InputException;

/**
 * An artifact of Maven's.
 *
 * @param group group id
 * @param artifact artifact id
 * @param version version
 */
record MavenCoordinates(String group, String artifact, String version) {
    private static final String LEGAL = "[A-Za-z0-9_][A-Za-z0-9_.-]*";

    static MavenCoordinates parse(String text) {
        String[] parts = text.split(":", -1);
        boolean legal = parts.length == 3;
        for (String part : parts) {
            legal &= part.matches(LEGAL) && !part.contains("..");
        }
        if (!legal) {
            throw new InputException(
                    "maven:" + text + ": must be maven:GROUP:ARTIFACT:VERSION, each of letters, digits, "
                            + "dots, dashes and underscores");
        }
        return new MavenCoordinates(parts[0], parts[1], parts[2]);
    }

    /** The artifact's file in a local repository. */
    String path() {
        return group.replace('.', '/') + "/" + artifact + "/" + version + "/" + artifact + "-" + version + ".jar";
    }

    @Override
    public String toString() {
        return group + ":" + artifact + ":" + version;
    }
}
