package dev.shoestring.recipe;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The forms of references. Messages leave out the place, which the caller knows. */
final class ReferenceForm {
    private static final int LONGEST = 1000;
    private static final String NAME = "([A-Za-z0-9_-]++(?:\\.[A-Za-z0-9_-]++)*+)";
    private static final String VERSION = "([A-Za-z0-9_+-]++(?:\\.[A-Za-z0-9_+-]++)*+)";
    private static final Pattern MAVEN = Pattern.compile("maven:" + NAME + ":" + NAME + ":" + VERSION);
    private static final Pattern MAVEN_FILE = Pattern.compile(MAVEN.pattern() + "(?::" + NAME + ")?");
    private static final Pattern HUB = Pattern.compile("hf:" + NAME + "/" + NAME + "(?:@" + NAME + ")?");
    private static final Pattern SCHEME = Pattern.compile("([A-Za-z][A-Za-z0-9+_-]+):.*", Pattern.DOTALL);

    private ReferenceForm() {}

    /** Any form. */
    static ModelReference parse(String reference) {
        if (isMaven(reference)) {
            return maven(reference);
        }
        requireShort(reference);
        if (reference.startsWith("hf:")) {
            return hub(reference);
        }
        if (reference.startsWith(ModelReference.Trained.PREFIX)) {
            String name = reference.substring(ModelReference.Trained.PREFIX.length());
            if (!Recipes.bundledNames().contains(name)) {
                throw new InputException("has no bundled recipe " + Section.quoted(name)
                        + NearestChoice.hint(name, Recipes.bundledNames()));
            }
            return new ModelReference.Trained(name);
        }
        Matcher scheme = SCHEME.matcher(reference);
        if (scheme.matches()) {
            String found = scheme.group(1) + ":";
            throw new InputException("must be maven:GROUP:ARTIFACT:VERSION, hf:ORG/NAME or a folder, but starts with "
                    + Section.quoted(found) + NearestChoice.hint(found, List.of("maven:", "hf:")));
        }
        return folder(reference);
    }

    /** {@code maven:GROUP:ARTIFACT:VERSION} only. */
    static ModelReference.Maven maven(String reference) {
        requireShort(reference);
        Matcher parts = MAVEN.matcher(reference);
        if (!parts.matches()) {
            throw new InputException("must be maven:GROUP:ARTIFACT:VERSION, but is " + Section.quoted(reference));
        }
        return new ModelReference.Maven(parts.group(1), parts.group(2), parts.group(3));
    }

    static boolean isMaven(String reference) {
        return reference.startsWith("maven:");
    }

    /** One file of an artifact, {@code maven:GROUP:ARTIFACT:VERSION[:CLASSIFIER]}. */
    static void requireMavenFile(String reference) {
        requireShort(reference);
        if (!MAVEN_FILE.matcher(reference).matches()) {
            throw new InputException(
                    "must be maven:GROUP:ARTIFACT:VERSION[:CLASSIFIER], but is " + Section.quoted(reference));
        }
    }

    private static ModelReference.HuggingFace hub(String reference) {
        Matcher parts = HUB.matcher(reference);
        if (!parts.matches()) {
            throw new InputException(
                    "must be hf:ORG/NAME or hf:ORG/NAME@REVISION, but is " + Section.quoted(reference));
        }
        return new ModelReference.HuggingFace(parts.group(1), parts.group(2), parts.group(3));
    }

    private static ModelReference.Folder folder(String reference) {
        boolean control = reference.chars().anyMatch(Character::isISOControl);
        if (reference.isBlank() || control || !isPath(reference)) {
            throw new InputException("must be maven:GROUP:ARTIFACT:VERSION, hf:ORG/NAME or a folder, but is "
                    + Section.quoted(reference));
        }
        return new ModelReference.Folder(reference);
    }

    private static void requireShort(String reference) {
        if (reference.length() > LONGEST) {
            throw new InputException("must have at most " + LONGEST + " characters, but has " + reference.length());
        }
    }

    private static boolean isPath(String text) {
        try {
            return !Path.of(text).toString().isEmpty();
        } catch (InvalidPathException notAPath) {
            return false;
        }
    }
}
