package dev.shoestring.recipe;

import java.util.function.Function;

/** Reads the references of a recipe. */
final class ReferenceParser {
    private ReferenceParser() {}

    /** Reads a reference of any form, which is required; empty if it is wrong. */
    static String read(Section section, String key) {
        if (!section.has(key)) {
            section.problem(key, "is required: maven:GROUP:ARTIFACT:VERSION, hf:ORG/NAME or a folder");
        }
        return read(section, key, ReferenceForm::parse);
    }

    /** Reads {@code maven:G:A:V}; empty if it is wrong. */
    static String readMaven(Section section, String key) {
        return read(section, key, ReferenceForm::maven);
    }

    private static String read(Section section, String key, Function<String, ModelReference> form) {
        String reference = section.text(key);
        if (reference == null) {
            return "";
        }
        try {
            return form.apply(reference).toString();
        } catch (InputException broken) {
            section.problem(key, String.valueOf(broken.getMessage()));
            return "";
        }
    }
}
