package dev.shoestring.hub;

import dev.shoestring.recipe.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Properties;
import org.apache.maven.settings.Settings;
import org.apache.maven.settings.building.DefaultSettingsBuilderFactory;
import org.apache.maven.settings.building.DefaultSettingsBuildingRequest;
import org.apache.maven.settings.building.SettingsBuildingException;
import org.jspecify.annotations.Nullable;

/** The user's Maven settings: those of the installation, overlaid by {@code ~/.m2/settings.xml}. Read only when they are needed. */
final class MavenSettings {
    private final Path home;
    private @Nullable Settings settings;

    private MavenSettings(Path home) {
        this.home = home;
    }

    static MavenSettings ofUser() {
        return new MavenSettings(Path.of(System.getProperty("user.home")));
    }

    Path localRepository() {
        String given = System.getProperty("maven.repo.local");
        if (given != null && !given.isBlank()) {
            return Path.of(given);
        }
        if (!Files.isRegularFile(userFile()) && installationFile().isEmpty()) {
            return home.resolve(".m2/repository");
        }
        if (!mentionsLocalRepository()) {
            return home.resolve(".m2/repository");
        }
        String configured = effective().getLocalRepository();
        return configured == null || configured.isBlank() ? home.resolve(".m2/repository") : Path.of(configured);
    }

    /** Building the settings takes 200 ms that most runs can do without. */
    private boolean mentionsLocalRepository() {
        try {
            boolean user = Files.isRegularFile(userFile())
                    && Files.readString(userFile()).contains("<localRepository>");
            Optional<Path> installed = installationFile();
            return user
                    || (installed.isPresent()
                            && Files.readString(installed.get())
                                    .replaceAll("(?s)<!--.*?-->", "")
                                    .contains("<localRepository>"));
        } catch (IOException unreadable) {
            return true;
        }
    }

    private Path userFile() {
        return home.resolve(".m2/settings.xml");
    }

    /** {@code conf/settings.xml} of the Maven on the PATH, or in MAVEN_HOME. */
    private static Optional<Path> installationFile() {
        String mavenHome = System.getenv("MAVEN_HOME");
        if (mavenHome != null) {
            return existing(Path.of(mavenHome, "conf", "settings.xml"));
        }
        for (String folder : System.getenv().getOrDefault("PATH", "").split(java.io.File.pathSeparator, -1)) {
            Path program = Path.of(folder, "mvn");
            if (!folder.isEmpty() && Files.isExecutable(program)) {
                try {
                    Path bin = program.toRealPath().getParent();
                    return bin == null
                            ? Optional.empty()
                            : existing(bin.resolveSibling("conf").resolve("settings.xml"));
                } catch (IOException unresolvable) {
                    return Optional.empty();
                }
            }
        }
        return Optional.empty();
    }

    private static Optional<Path> existing(Path file) {
        return Files.isRegularFile(file) ? Optional.of(file) : Optional.empty();
    }

    /** The settings as Maven itself would see them. */
    Settings effective() {
        Settings known = settings;
        if (known != null) {
            return known;
        }
        DefaultSettingsBuildingRequest request = new DefaultSettingsBuildingRequest();
        request.setUserSettingsFile(userFile().toFile());
        installationFile().ifPresent(file -> request.setGlobalSettingsFile(file.toFile()));
        Properties properties = new Properties();
        System.getenv().forEach((name, value) -> properties.setProperty("env." + name, value));
        properties.putAll(System.getProperties());
        request.setSystemProperties(properties);
        try {
            Settings built = new DefaultSettingsBuilderFactory()
                    .newInstance()
                    .build(request)
                    .getEffectiveSettings();
            settings = built;
            return built;
        } catch (SettingsBuildingException invalid) {
            throw new InputException(
                    userFile() + ": Maven's settings cannot be read (" + invalid.getMessage() + ")", invalid);
        }
    }
}
