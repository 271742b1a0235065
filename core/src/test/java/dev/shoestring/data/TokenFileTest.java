package dev.shoestring.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shoestring.data.Documents.Part;
import dev.shoestring.recipe.InputException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TokenFileTest {
    private final Path folder;
    private int runs;

    TokenFileTest(@TempDir Path folder) {
        this.folder = folder;
    }

    @Test
    void holdsTheTokensOfEachDocument() throws IOException {
        for (int vocabulary : new int[] {128, 1 << 16, (1 << 16) + 1}) {
            TokenFile file = file("one\ntwo\nthree", encoding(vocabulary));
            assertThat(file.tokenBytes()).isEqualTo(vocabulary > 1 << 16 ? 4 : 2);
            assertThat(file.documents()).isEqualTo(3);
            assertThat(file.tokens()).isEqualTo(11);
            assertThat(file.textBytes()).isEqualTo(11);
            assertThat(file.read(file.start(2), 5)).containsExactly('t', 'h', 'r', 'e', 'e');
            assertThat(file.read(0, 11)).endsWith('r', 'e', 'e').startsWith('o', 'n', 'e', 't');
            assertThatThrownBy(() -> file.read(7, 5)).isInstanceOf(IndexOutOfBoundsException.class);
        }
    }

    @Test
    void isMadeOnceForTheSameTextsAndTokenizer() throws IOException {
        file("one\ntwo", encoding(128));
        file("one\ntwo", encoding(128));
        assertThat(runs).isEqualTo(1);
        file("one\ntoo", encoding(128));
        assertThat(runs).isEqualTo(2);
        file("one\ntwo", new TokenEncoding(this::letters, "another", 128));
        assertThat(runs).isEqualTo(3);
        try (Stream<Path> left = Files.list(folder.resolve("cache"))) {
            assertThat(left)
                    .allMatch(path -> path.toString().endsWith(".tokens"))
                    .hasSize(3);
        }
    }

    @Test
    void damagedFilesAreMadeAgain() throws IOException {
        TokenFile file = file("one\ntwo", encoding(128));
        byte[] whole = Files.readAllBytes(file.path());
        List<byte[]> damaged = new ArrayList<>();
        for (int length = 0; length < whole.length; length += 7) {
            damaged.add(Arrays.copyOf(whole, length));
        }
        damaged.add(Arrays.copyOf(whole, whole.length + 1));
        for (int at = 0; at < TokenFileHeader.BYTES; at++) {
            byte[] flipped = whole.clone();
            flipped[at] ^= 0x41;
            damaged.add(flipped);
        }
        byte[] falling = whole.clone();
        falling[whole.length - 16] = 100;
        damaged.add(falling);
        for (byte[] bytes : damaged) {
            runs = 0;
            Files.write(file.path(), bytes);
            assertThat(file("one\ntwo", encoding(128)).read(0, 6)).containsExactly('o', 'n', 'e', 't', 'w', 'o');
            assertThat(runs).isEqualTo(1);
            assertThat(Files.readAllBytes(file.path())).isEqualTo(whole);
        }
    }

    @Test
    void idsBeyondTheVocabularyNeverComeOut() throws IOException {
        TokenFile file = file("one\ntwo", encoding(128));
        try (FileChannel channel = FileChannel.open(file.path(), StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(new byte[] {(byte) 200, 0}), TokenFileHeader.BYTES + 2);
        }
        TokenFile again = file("one\ntwo", encoding(128));
        assertThatThrownBy(() -> again.read(0, 2))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("token 1 is 200 of a vocabulary of 128");
        assertThatThrownBy(() -> file("öne", encoding(128)))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("the tokenizer gives id 246");
        try (Stream<Path> left = Files.list(folder.resolve("cache"))) {
            assertThat(left).hasSize(1);
        }
    }

    @Test
    void tellsHowFarItIs() throws IOException {
        Path text = folder.resolve("long.txt");
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < 2_500; i++) {
            lines.add("line " + i);
        }
        Files.write(text, lines);
        List<Long> seen = new ArrayList<>();
        Documents documents =
                new Documents(List.of(new TextSource.Text(text, DocumentUnit.LINE)), new ContentSplit.None());
        TokenFile.in(folder.resolve("cache"), documents, Part.ALL, encoding(128), (done, characters, tokens) -> {
            assertThat(tokens).isEqualTo(characters);
            seen.add(done);
        });
        assertThat(seen).containsExactly(1_000L, 2_000L, 2_500L);
    }

    private TokenFile file(String lines, TokenEncoding encoding) throws IOException {
        Path text = Files.writeString(folder.resolve("a.txt"), lines);
        Documents documents =
                new Documents(List.of(new TextSource.Text(text, DocumentUnit.LINE)), new ContentSplit.None());
        return TokenFile.in(folder.resolve("cache"), documents, Part.ALL, encoding, (done, all, tokens) -> {});
    }

    private TokenEncoding encoding(int vocabularySize) {
        return new TokenEncoding(this::letters, "letters", vocabularySize);
    }

    private List<int[]> letters(List<String> texts) {
        runs++;
        return texts.stream().map(text -> text.chars().toArray()).toList();
    }
}
