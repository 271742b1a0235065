package dev.shoestring.recipe;

import java.util.List;
import java.util.regex.Pattern;

/** The form of references to models and data sets. */
final class ModelReference {
    private static final Pattern MAVEN = Pattern.compile("maven:[\\w.-]+:[\\w.-]+:[\\w.+-]+");
    private static final Pattern HUB = Pattern.compile("hf:[\\w.-]+/[\\w.-]+");
    private static final Pattern SCHEME = Pattern.compile("([A-Za-z][A-Za-z0-9+_-]+):.*", Pattern.DOTALL);

    private ModelReference() {}

    /** Reads {@code maven:G:A:V}, {@code hf:ORG/NAME} or a folder; a default if it is wrong. */
    static String read(Section section, String key) {
        String reference = section.text(key);
        if (reference == null) {
            if (!section.has(key)) {
                section.problem(key, "is required: maven:GROUP:ARTIFACT:VERSION, hf:ORG/NAME or a folder");
            }
            return "";
        }
        var scheme = SCHEME.matcher(reference);
        if (reference.startsWith("maven:")) {
            readMaven(section, key, reference);
        } else if (reference.startsWith("hf:")) {
            if (!HUB.matcher(reference).matches()) {
                section.problem(key, "must be hf:ORG/NAME, but is " + Section.quoted(reference));
            }
        } else if (scheme.matches()) {
            section.problem(
                    key,
                    "must be maven:GROUP:ARTIFACT:VERSION, hf:ORG/NAME or a folder, but starts with "
                            + Section.quoted(scheme.group(1) + ":")
                            + NearestChoice.hint(scheme.group(1) + ":", List.of("maven:", "hf:")));
        }
        return reference;
    }

    /** Reads {@code maven:G:A:V}. */
    static String readMaven(Section section, String key) {
        String reference = section.text(key);
        if (reference != null) {
            readMaven(section, key, reference);
        }
        return reference == null ? "" : reference;
    }

    private static void readMaven(Section section, String key, String reference) {
        if (!MAVEN.matcher(reference).matches()) {
            section.problem(key, "must be maven:GROUP:ARTIFACT:VERSION, but is " + Section.quoted(reference));
        }
    }
}
