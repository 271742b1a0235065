package dev.shoestring.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shoestring.data.Documents.Part;
import dev.shoestring.recipe.DataSpec.Source;
import dev.shoestring.recipe.InputException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DocumentsTest {
    private static final ContentSplit NONE = new ContentSplit.None();

    private final Path folder;

    DocumentsTest(@TempDir Path folder) {
        this.folder = folder;
    }

    @Test
    void aTextFileIsOneDocumentOrItsLinesOrItsBlocks() throws IOException {
        Path file = write("a.txt", "\uFEFFone\r\ntwo\n\n \t\nthree\nfour");
        assertThat(texts(new TextSource.Text(file, DocumentUnit.FILE)))
                .containsExactly("one\r\ntwo\n\n \t\nthree\nfour");
        assertThat(texts(new TextSource.Text(file, DocumentUnit.LINE))).containsExactly("one", "two", "three", "four");
        assertThat(texts(new TextSource.Text(file, DocumentUnit.BLANK_LINE)))
                .containsExactly("one\r\ntwo", "three\nfour");
    }

    @Test
    void atMostSoManyDocumentsAreTrainedOn() throws IOException {
        Path file = write("lines.txt", "one\ntwo\nthree\nfour\nfive");
        TextSource source = new TextSource.Text(file, DocumentUnit.LINE);
        Documents all = new Documents(List.of(source), new ContentSplit.Share(0.4, 3));
        Documents few = new Documents(List.of(source), new ContentSplit.Share(0.4, 3), 2);
        List<String> whole = new ArrayList<>();
        List<String> first = new ArrayList<>();
        List<String> held = new ArrayList<>();
        List<String> stillHeld = new ArrayList<>();
        all.read(Part.TRAIN, document -> whole.add(document.text()));
        few.read(Part.TRAIN, document -> first.add(document.text()));
        all.read(Part.HELD_OUT, document -> held.add(document.text()));
        few.read(Part.HELD_OUT, document -> stillHeld.add(document.text()));
        assertThat(first).isEqualTo(whole.subList(0, 2));
        assertThat(stillHeld).isEqualTo(held);
        assertThat(few.fingerprint(Part.TRAIN)).isNotEqualTo(all.fingerprint(Part.TRAIN));
        assertThat(few.fingerprint(Part.HELD_OUT)).isEqualTo(all.fingerprint(Part.HELD_OUT));
    }

    @Test
    void linesAcrossTheBufferAreWhole() throws IOException {
        List<String> lines = new ArrayList<>();
        SplitMix random = SplitMix.of(3);
        for (int i = 0; i < 3_000; i++) {
            lines.add(i + "é".repeat(random.nextInt(120)));
        }
        Path gzipped = folder.resolve("lines.txt.gz");
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(gzipped))) {
            out.write(String.join("\n", lines).getBytes(StandardCharsets.UTF_8));
        }
        assertThat(texts(TextSource.at(gzipped.toString(), DocumentUnit.LINE, null, null)))
                .isEqualTo(lines);
    }

    @Test
    void foldersAreReadInTheOrderOfPathsWithoutHiddenAndBinaryFiles() throws IOException {
        write("b/Second.java", "class Second {}");
        write("a/first.txt", "first");
        write("a/.hidden/x.txt", "hidden");
        write("a/.x.txt", "hidden too");
        write("a/picture.png", "not text");
        write("c/zero.md", "has a\0zero byte");
        Files.createSymbolicLink(folder.resolve("loop"), folder);
        List<String> texts = new ArrayList<>();
        DocumentReport report = documents(TextSource.at(folder.toString(), DocumentUnit.FILE, null, null))
                .read(Part.ALL, document -> texts.add(document.text()));
        assertThat(texts).containsExactly("first", "class Second {}");
        assertThat(report.dropped(DocumentSink.BINARY)).isEqualTo(1);
        assertThat(report.named()).singleElement().asString().endsWith("zero.md: binary");
        assertThatThrownBy(() -> texts(new TextSource.Folder(folder, List.of("rs"), DocumentUnit.FILE)))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("no file that ends in one of .rs");
    }

    @Test
    void repeatedAndBlankTextsAreCounted() throws IOException {
        Path file = write("a.txt", "x\ny\n\nx\nx\n \n");
        DocumentReport report =
                documents(new TextSource.Text(file, DocumentUnit.LINE)).read(Part.ALL, one -> {});
        assertThat(report.documents()).isEqualTo(2);
        assertThat(report.dropped("repeated")).isEqualTo(2);
        assertThat(report.dropped("blank")).isEqualTo(2);
    }

    @Test
    void bytesAreThoseOfUtf8() throws IOException {
        String text = "aé€😀";
        DocumentReport report = documents(new TextSource.Text(write("a.txt", text), DocumentUnit.FILE))
                .read(Part.ALL, one -> {});
        assertThat(report.bytes()).isEqualTo(text.getBytes(StandardCharsets.UTF_8).length);
        assertThat(report.characters()).isEqualTo(text.length());
    }

    @Test
    void invalidTextIsNamedAndCountedUnlessMostIs() throws IOException {
        byte[] broken = "good\nb\u00e4d\nfine\n".getBytes(StandardCharsets.ISO_8859_1);
        Path file = Files.write(folder.resolve("a.txt"), broken);
        DocumentReport report =
                documents(new TextSource.Text(file, DocumentUnit.LINE)).read(Part.ALL, one -> {});
        assertThat(report.documents()).isEqualTo(2);
        assertThat(report.named()).containsExactly(file + ", line 2: not UTF-8");
        assertThatThrownBy(() -> texts(new TextSource.Text(file, DocumentUnit.FILE)))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("must be UTF-8")
                .hasMessageContaining("1 of 1");
    }

    @Test
    void archivesGiveTheirTextEntriesInOrder() throws IOException {
        Path jar = zip("a.jar", List.of("z/B.java", "A.java", "C.class", "n.txt.gz"), "class X {} // ");
        assertThat(texts(TextSource.at(jar.toString(), DocumentUnit.FILE, List.of("java", "txt"), null)))
                .containsExactly("class X {} // A.java", "class X {} // z/B.java");
        assertThatThrownBy(() ->
                        texts(new TextSource.Archive(write("b.jar", "no zip"), List.of("java"), DocumentUnit.FILE)))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("not an intact zip file");
    }

    @Test
    void zipBombsAreRefusedAndLargeEntriesLeftOut() throws IOException {
        Path bomb = zip("bomb.zip", List.of("a.txt"), "0".repeat(8 << 20));
        assertThatThrownBy(() -> texts(new TextSource.Archive(bomb, List.of("txt"), DocumentUnit.FILE)))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("zip bomb");
        SplitMix random = SplitMix.of(1);
        StringBuilder long17 = new StringBuilder();
        while (long17.length() < TextArchive.LARGEST_ENTRY + 1) {
            long17.append(random.nextLong());
        }
        Path large = folder.resolve("large.zip");
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(large))) {
            zip.putNextEntry(new ZipEntry("a.txt"));
            zip.write(long17.toString().getBytes(StandardCharsets.UTF_8));
            zip.putNextEntry(new ZipEntry("b.txt"));
            zip.write("small".getBytes(StandardCharsets.UTF_8));
        }
        List<String> texts = new ArrayList<>();
        DocumentReport report = documents(new TextSource.Archive(large, List.of("txt"), DocumentUnit.FILE))
                .read(Part.ALL, one -> texts.add(one.text()));
        assertThat(texts).containsExactly("small");
        assertThat(report.dropped(DocumentSink.TOO_LONG)).isEqualTo(1);
    }

    @Test
    void tablesAndQueriesGiveTheirColumn() throws IOException {
        Path csv = write("a.csv", "id,text\n1,\"one, and more\"\n2,\n3,three\n");
        assertThat(texts(TextSource.at(csv.toString(), DocumentUnit.FILE, null, null)))
                .containsExactly("one, and more", "three");
        Path lines = write("a.jsonl", "{\"body\": \"alone\", \"n\": 1}\n{\"body\": \"again\", \"n\": 2}\n");
        assertThat(texts(TextSource.at(lines.toString(), DocumentUnit.FILE, null, "body")))
                .containsExactly("alone", "again");
        Source.Query query = new Source.Query("SELECT upper(text) FROM '" + csv + "' WHERE text IS NOT NULL");
        TextSource.Table table = new TextSource.Table(query, null);
        assertThat(texts(table)).containsExactly("ONE, AND MORE", "THREE");
        assertThat(table.fingerprint()).isEqualTo(table.fingerprint());
        assertThatThrownBy(() -> texts(TextSource.at(csv.toString(), DocumentUnit.FILE, null, "txet")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("nearest: \"text\"");
    }

    @Test
    void noDocumentIsInBothParts() throws IOException {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < 2_000; i++) {
            lines.append("document ").append(i % 1_500).append('\n');
        }
        TextSource source = new TextSource.Text(write("a.txt", lines.toString()), DocumentUnit.LINE);
        Documents documents = new Documents(List.of(source), new ContentSplit.Share(0.1, 7));
        List<String> train = new ArrayList<>();
        List<String> held = new ArrayList<>();
        DocumentReport report = documents.read(Part.TRAIN, one -> train.add(one.text()));
        documents.read(Part.HELD_OUT, one -> held.add(one.text()));
        assertThat(train).doesNotContainAnyElementsOf(held).hasSize(1_500 - held.size());
        assertThat(held).hasSizeBetween(110, 190);
        assertThat(report.otherPart()).isEqualTo(held.size());

        Path file = write("held.txt", "document 3\ndocument 5\nanother\n");
        Set<String> keys =
                documents(new TextSource.Text(file, DocumentUnit.LINE)).keys();
        train.clear();
        new Documents(List.of(source), new ContentSplit.Listed(keys)).read(Part.TRAIN, one -> train.add(one.text()));
        assertThat(train).hasSize(1_498).doesNotContain("document 3", "document 5");
    }

    @Test
    void theEndOfOneTextCanBeHeldOut() throws IOException {
        TextSource text = new TextSource.Text(write("a.txt", "0123456789"), DocumentUnit.FILE);
        assertThat(texts(new TextSource.Slice(text, 0, 0.9))).containsExactly("012345678");
        assertThat(texts(new TextSource.Slice(text, 0.9, 1))).containsExactly("9");
        Documents one = new Documents(List.of(text), new ContentSplit.Share(0, 1));
        assertThatThrownBy(() -> one.read(Part.HELD_OUT, document -> {}))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("hold out a larger share");
    }

    @Test
    void wordNetGivesDefinitionsAndExamples() {
        List<String> texts = texts(new TextSource.WordNet(WordNetJar.path(), Set.of("Cow")));
        assertThat(texts).hasSizeBetween(117_000, 117_800);
        assertThat(texts)
                .anyMatch(text -> text.startsWith("lawsuit, suit, case, cause, causa: ")
                        && text.endsWith("\nthe family brought suit against the landlord"));
        assertThat(texts).noneMatch(text -> text.startsWith("cow: ") || text.contains("moo-cow"));
        assertThat(texts).noneMatch(text -> text.contains("(ip)"));
    }

    @Test
    void theFingerprintFollowsContentAndSettings() throws IOException {
        Path file = write("a.txt", "one\ntwo");
        String lines = documents(new TextSource.Text(file, DocumentUnit.LINE)).fingerprint(Part.ALL);
        assertThat(documents(new TextSource.Text(file, DocumentUnit.FILE)).fingerprint(Part.ALL))
                .isNotEqualTo(lines);
        write("a.txt", "one\ntwx");
        assertThat(documents(new TextSource.Text(file, DocumentUnit.LINE)).fingerprint(Part.ALL))
                .isNotEqualTo(lines);
        write("a.txt", "one\ntwo");
        assertThat(documents(new TextSource.Text(file, DocumentUnit.LINE)).fingerprint(Part.ALL))
                .isEqualTo(lines);
    }

    private static Documents documents(TextSource source) {
        return new Documents(List.of(source), NONE);
    }

    private static List<String> texts(TextSource source) {
        List<String> texts = new ArrayList<>();
        documents(source).read(Part.ALL, document -> texts.add(document.text()));
        return texts;
    }

    private Path write(String name, String text) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, text);
    }

    private Path zip(String name, List<String> entries, String content) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            for (String entry : entries) {
                zip.putNextEntry(new ZipEntry(entry));
                zip.write((content + entry).getBytes(StandardCharsets.UTF_8));
            }
        }
        return Files.write(folder.resolve(name), bytes.toByteArray());
    }
}
