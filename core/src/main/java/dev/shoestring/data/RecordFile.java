package dev.shoestring.data;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.shoestring.recipe.DataSpec.Source;
import dev.shoestring.recipe.InputException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.function.Function;

/**
 * Reads records one at a time: a JSON array of objects, JSON lines, or the rows of a table. No record may be larger than 4 MiB or nested
 * deeper than 64, whatever the file says. A line that is not JSON is a record that is not fit; an array cannot be read past such a place.
 */
final class RecordFile {
    static final int LARGEST = 4 << 20;

    private static final int DEEPEST = 64;
    private static final ObjectMapper JSON = new ObjectMapper(factory());

    private RecordFile() {}

    /** Where records go. */
    interface Taker {
        /** Takes a record; its number counts from 1. */
        void record(long number, JsonNode record);

        /** Takes note of a record that cannot be read. */
        void broken(long number, UnfitRecordException why);
    }

    /** JSON with bounds on depth and sizes. */
    static JsonFactory factory() {
        return JsonFactory.builder()
                .streamReadConstraints(StreamReadConstraints.builder()
                        .maxNestingDepth(DEEPEST)
                        .maxStringLength(LARGEST)
                        .maxNameLength(1_000)
                        .maxNumberLength(100)
                        .build())
                .build();
    }

    /** Reads all records of a file or query. */
    static void read(Source source, Taker taker) {
        if (source instanceof Source.Query query) {
            TextTable.with(query, rows(taker));
        } else if (source instanceof Source.File named) {
            Path file = TableFile.require(named.path());
            switch (TableFormat.of(file)) {
                case JSON -> readJson(file, taker);
                case JSON_LINES -> readLines(file, taker);
                case CSV, TSV, UNNAMED, PARQUET -> TextTable.with(named, rows(taker));
            }
        } else {
            throw new IllegalStateException("not a file or query: " + source);
        }
    }

    private static Function<DuckTable, Boolean> rows(Taker taker) {
        return table -> {
            long[] number = {0};
            table.eachJson(
                    row -> parse(row == null ? new byte[0] : row.getBytes(StandardCharsets.UTF_8), ++number[0], taker));
            return true;
        };
    }

    private static void readLines(Path file, Taker taker) {
        try (InputStream in = TableFile.open(file)) {
            BoundedLines lines = new BoundedLines(in, LARGEST);
            long number = 0;
            while (lines.next()) {
                byte[] line = lines.bytes();
                if (lines.tooLong()) {
                    taker.broken(++number, tooLarge());
                } else if (!new String(line, StandardCharsets.ISO_8859_1).isBlank()) {
                    parse(line, ++number, taker);
                }
            }
        } catch (IOException e) {
            throw TableFile.unreadable(file.toString(), e);
        }
    }

    private static void parse(byte[] bytes, long number, Taker taker) {
        if (bytes.length > LARGEST) {
            taker.broken(number, tooLarge());
            return;
        }
        JsonNode record;
        try {
            record = JSON.readTree(bytes);
        } catch (IOException broken) {
            taker.broken(number, new UnfitRecordException("the record", "must be JSON", "not: " + reason(broken)));
            return;
        }
        take(number, record, taker);
    }

    private static void take(long number, JsonNode record, Taker taker) {
        if (record.isObject()) {
            taker.record(number, record);
        } else {
            taker.broken(
                    number, new UnfitRecordException("the record", "must be a JSON object", RecordFields.kind(record)));
        }
    }

    private static void readJson(Path file, Taker taker) {
        long number = 0;
        try (Allowance in = new Allowance(TableFile.open(file));
                JsonParser parser = JSON.getFactory().createParser(in)) {
            JsonToken token = parser.nextToken();
            if (token == JsonToken.START_ARRAY) {
                token = parser.nextToken();
            }
            while (token != null && token != JsonToken.END_ARRAY) {
                in.renew();
                number++;
                JsonNode record = JSON.readTree(parser);
                take(number, record, taker);
                token = parser.nextToken();
            }
        } catch (TooLarge e) {
            throw new InputException(
                    file + ", record " + (number + 1) + ": is larger than 4 MiB, the most a record may have;"
                            + " leave it out, or write the records as JSON lines",
                    e);
        } catch (JsonProcessingException e) {
            throw new InputException(
                    file + ", record " + Math.max(1, number) + ": is not JSON that can be read (" + reason(e)
                            + "); correct it, or write the records as JSON lines",
                    e);
        } catch (IOException e) {
            throw TableFile.unreadable(file.toString(), e);
        }
    }

    private static UnfitRecordException tooLarge() {
        return new UnfitRecordException("the record", "must have at most 4 MiB", "");
    }

    private static String reason(IOException broken) {
        if (broken instanceof JsonProcessingException json) {
            String place = json.getLocation() == null
                    ? ""
                    : "line " + json.getLocation().getLineNr() + ", column "
                            + json.getLocation().getColumnNr() + ": ";
            return place + json.getOriginalMessage().lines().findFirst().orElse("");
        }
        return String.valueOf(broken.getMessage());
    }

    /** More bytes were read for one record than one may have. */
    private static final class TooLarge extends IOException {
        private static final long serialVersionUID = 1L;

        TooLarge() {
            super("a record is too large");
        }
    }

    /** Bytes, as many as a record may have until the allowance is renewed. */
    private static final class Allowance extends FilterInputStream {
        private long left = LARGEST;

        Allowance(InputStream in) {
            super(in);
        }

        void renew() {
            left = LARGEST;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            if (left <= 0) {
                throw new TooLarge();
            }
            int count = super.read(bytes, offset, length);
            left -= Math.max(0, count);
            return count;
        }
    }
}
