package dev.shoestring.spark;

import com.fasterxml.jackson.core.JsonEncoding;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import scala.Tuple2;
import scala.Tuple3;
import scala.collection.Iterator;

/** A rank's rows as the file of JSON lines that its process reads, one object a line: of the chosen columns, or as Spark wrote it. */
final class RowFile {
    private RowFile() {}

    static void write(Path file, DatasetColumns columns, Iterator<Tuple2<Tuple3<Integer, String, String>, Byte>> rows) {
        try (JsonGenerator json = new JsonFactory().createGenerator(Files.newOutputStream(file), JsonEncoding.UTF8)) {
            json.setRootValueSeparator(null);
            while (rows.hasNext()) {
                Tuple3<Integer, String, String> row = rows.next()._1();
                put(json, columns, row._2(), row._3());
                json.writeRaw('\n');
            }
        } catch (IOException failed) {
            throw new UncheckedIOException(file + ": the rows cannot be written here", failed);
        }
    }

    private static void put(
            JsonGenerator json, DatasetColumns columns, @Nullable String content, @Nullable String label)
            throws IOException {
        if (columns.text() == null) {
            json.writeRaw(content);
            return;
        }
        json.writeStartObject();
        put(json, columns.text(), content);
        if (columns.label() != null) {
            put(json, columns.label(), label);
        }
        json.writeEndObject();
    }

    private static void put(JsonGenerator json, String name, @Nullable String value) throws IOException {
        json.writeFieldName(name);
        if (value == null) {
            json.writeNull();
        } else {
            json.writeString(value);
        }
    }
}
