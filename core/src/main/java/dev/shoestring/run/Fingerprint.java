package dev.shoestring.run;

import dev.shoestring.data.Example;
import dev.shoestring.data.TextData;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/** Tells whether a resumed run sees the data that it began with: labels and texts of all splits, in order. */
final class Fingerprint {
    private Fingerprint() {}

    static String of(TextData data) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            data.labels().forEach(label -> add(digest, label));
            for (List<Example> split : List.of(data.train(), data.validation(), data.test())) {
                number(digest, split.size());
                for (Example example : split) {
                    add(digest, example.text());
                    number(digest, example.label());
                }
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException missing) {
            throw new IllegalStateException("every JDK has SHA-256", missing);
        }
    }

    /** The same of any text. */
    static String of(String text) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException missing) {
            throw new IllegalStateException("every JDK has SHA-256", missing);
        }
    }

    private static void add(MessageDigest digest, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        number(digest, bytes.length);
        digest.update(bytes);
    }

    private static void number(MessageDigest digest, int number) {
        digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(number).array());
    }
}
