package dev.shoestring.recipe;

import org.jspecify.annotations.Nullable;

/**
 * Where a model or a data set is had. The parts of a reference are plain names, without separators or dots in a row, so that they may
 * go into paths and addresses.
 */
public sealed interface ModelReference {
    /**
     * An artifact: {@code maven:GROUP:ARTIFACT:VERSION}.
     *
     * @param group its group
     * @param artifact its name
     * @param version its version
     */
    record Maven(String group, String artifact, String version) implements ModelReference {
        @Override
        public String toString() {
            return "maven:" + group + ":" + artifact + ":" + version;
        }
    }

    /**
     * A model on the Hugging Face hub: {@code hf:ORG/NAME} or {@code hf:ORG/NAME@REVISION}.
     *
     * @param organization its owner
     * @param name its name
     * @param revision branch, tag or commit; null means the main branch
     */
    record HuggingFace(
            String organization, String name, @Nullable String revision) implements ModelReference {
        @Override
        public String toString() {
            return "hf:" + organization + "/" + name + (revision == null ? "" : "@" + revision);
        }
    }

    /**
     * What another bundled recipe trains first: {@code recipe:NAME}.
     *
     * @param name the recipe's name
     */
    record Trained(String name) implements ModelReference {
        /** How such a reference begins. */
        public static final String PREFIX = "recipe:";

        @Override
        public String toString() {
            return PREFIX + name;
        }
    }

    /**
     * A folder in Hugging Face layout.
     *
     * @param path as the user wrote it
     */
    record Folder(String path) implements ModelReference {
        @Override
        public String toString() {
            return path;
        }
    }

    /**
     * Reads a reference. {@code toString} of the result gives it back.
     *
     * @param where what holds the reference, for the message: {@code model.from}
     * @throws InputException if it has none of the forms
     */
    static ModelReference parse(String where, String reference) {
        try {
            return ReferenceForm.parse(reference);
        } catch (InputException broken) {
            throw new InputException(where + ": " + broken.getMessage(), broken);
        }
    }
}
