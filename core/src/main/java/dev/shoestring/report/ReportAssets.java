package dev.shoestring.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Locale;
import java.util.Properties;

/** The scripts and styles that a report carries inside: uPlot from its WebJar, and our own. */
final class ReportAssets {
    private ReportAssets() {}

    static String style() {
        return resource(uplot("uPlot.min.css")) + resource("/dev/shoestring/report/report.css");
    }

    static String plotScript() {
        return inScriptElement(resource(uplot("uPlot.iife.min.js")));
    }

    static String reportScript() {
        return inScriptElement(resource("/dev/shoestring/report/report.js"));
    }

    /** The source expression by which a content security policy admits exactly this inline script. */
    static String hash(String script) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(script.getBytes(StandardCharsets.UTF_8));
            return "'sha256-" + Base64.getEncoder().encodeToString(digest) + "'";
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** A script element ends at the first {@code </script}, even inside a string: break it up as JavaScript allows. */
    private static String inScriptElement(String script) {
        return script.replace("</", "<\\/").strip();
    }

    /** Where the WebJar keeps a file: its path has the version, which its Maven metadata tells. */
    private static String uplot(String file) {
        Properties maven = new Properties();
        try (InputStream in = open("/META-INF/maven/org.webjars.npm/uplot/pom.properties")) {
            maven.load(in);
        } catch (IOException e) {
            throw new UncheckedIOException("the uPlot WebJar cannot be read", e);
        }
        return String.format(
                Locale.ROOT, "/META-INF/resources/webjars/uplot/%s/dist/%s", maven.getProperty("version"), file);
    }

    private static String resource(String path) {
        try (InputStream in = open(path)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(path + " cannot be read from the class path", e);
        }
    }

    private static InputStream open(String path) throws IOException {
        InputStream in = ReportAssets.class.getResourceAsStream(path);
        if (in == null) {
            throw new IOException(path + " is not on the class path");
        }
        return in;
    }
}
