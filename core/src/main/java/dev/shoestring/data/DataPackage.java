package dev.shoestring.data;

import dev.shoestring.recipe.InputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Finds data sets that a system's package manager installed: {@code debian:PACKAGE} and {@code npm:PACKAGE}. */
final class DataPackage {
    private DataPackage() {}

    /**
     * The folder with the data.
     *
     * @throws InputException that says how to install the package if it is not here
     */
    static Path find(String reference) {
        String name = reference.substring(reference.indexOf(':') + 1);
        boolean debian = reference.startsWith("debian:");
        List<Path> places = debian ? debian(name) : npm(name);
        for (Path place : places) {
            if (Files.isDirectory(place)) {
                return place;
            }
        }
        throw new InputException(reference + ": is not installed here. "
                + (debian
                        ? "Install it with: sudo apt install " + name
                        : "Install it with: npm install " + name + " (in this folder or one above it)")
                + "; or take the same IDX files from elsewhere and give their folder: --data FOLDER");
    }

    private static List<Path> debian(String name) {
        return List.of(Path.of("/usr/share/datasets", name.replaceFirst("^dataset-", "")));
    }

    /** As Node.js finds packages: in the node_modules of this folder and of those above it. */
    private static List<Path> npm(String name) {
        List<Path> places = new ArrayList<>();
        for (Path folder = Path.of("").toAbsolutePath(); folder != null; folder = folder.getParent()) {
            places.add(folder.resolve("node_modules").resolve(name).resolve("data"));
        }
        places.add(Path.of(System.getProperty("user.home"), "node_modules", name, "data"));
        for (String prefix : List.of("/usr/local/lib", "/usr/lib")) {
            places.add(Path.of(prefix, "node_modules", name, "data"));
        }
        return places;
    }
}
