package dev.shoestring.hub;

import dev.shoestring.recipe.InputException;

/**
 * An artifact of Maven's.
 *
 * @param group group id
 * @param artifact artifact id
 * @param version version
 * @param classifier tells several files of one version apart, {@code sources} for example; empty for the main one
 */
record MavenCoordinates(String group, String artifact, String version, String classifier) {
    private static final String LEGAL = "[A-Za-z0-9_][A-Za-z0-9_.-]*";

    static MavenCoordinates parse(String text) {
        String[] parts = text.split(":", -1);
        boolean legal = parts.length == 3 || parts.length == 4;
        for (String part : parts) {
            legal &= part.matches(LEGAL) && !part.contains("..");
        }
        if (!legal) {
            throw new InputException(
                    "maven:" + text + ": must be maven:GROUP:ARTIFACT:VERSION[:CLASSIFIER], each of letters, digits, "
                            + "dots, dashes and underscores");
        }
        return new MavenCoordinates(parts[0], parts[1], parts[2], parts.length == 4 ? parts[3] : "");
    }

    /** The artifact's file in a local repository. */
    String path() {
        String name = artifact + "-" + version + (classifier.isEmpty() ? "" : "-" + classifier) + ".jar";
        return group.replace('.', '/') + "/" + artifact + "/" + version + "/" + name;
    }

    @Override
    public String toString() {
        return group + ":" + artifact + ":" + version + (classifier.isEmpty() ? "" : ":" + classifier);
    }
}
