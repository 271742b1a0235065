package dev.shoestring.text;

import dev.shoestring.recipe.InputException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.LongAdder;
import java.util.regex.Matcher;
import java.util.stream.Stream;

/** Counts the words of texts on all processors; a bounded part of the texts is in memory at a time. */
final class WordCounts {
    private static final int BATCH_CHARACTERS = 1 << 18;
    private static final int LONGEST_WORD = 256;
    private static final int MOST_WORDS = 20_000_000;

    private final PreTokenization splitting;
    private final Map<String, LongAdder> counts = new ConcurrentHashMap<>();

    private WordCounts(PreTokenization splitting) {
        this.splitting = splitting;
    }

    static Map<String, LongAdder> of(Stream<String> texts, PreTokenization splitting, TokenizerProgress progress) {
        WordCounts words = new WordCounts(splitting);
        int processors = Runtime.getRuntime().availableProcessors();
        ExecutorService workers = Executors.newFixedThreadPool(processors);
        Semaphore room = new Semaphore(2 * processors);
        List<Future<?>> under = new ArrayList<>();
        try {
            List<String> batch = new ArrayList<>();
            long characters = 0;
            int size = 0;
            for (Iterator<String> all = texts.iterator(); all.hasNext(); ) {
                String text = WellFormed.text(all.next());
                batch.add(text);
                size += text.length();
                if (size >= BATCH_CHARACTERS || !all.hasNext()) {
                    List<String> full = batch;
                    room.acquire();
                    under.removeIf(done -> done.isDone() && succeeded(done));
                    under.add(workers.submit(() -> {
                        try {
                            full.forEach(words::count);
                        } finally {
                            room.release();
                        }
                    }));
                    characters += size;
                    progress.at("counting words", characters, 0);
                    batch = new ArrayList<>();
                    size = 0;
                }
            }
            under.forEach(WordCounts::succeeded);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new InputException("the training of the tokenizer was interrupted", stopped);
        } finally {
            workers.shutdownNow();
        }
        return words.counts;
    }

    private static boolean succeeded(Future<?> task) {
        try {
            task.get();
            return true;
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new InputException("the training of the tokenizer was interrupted", stopped);
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof InputException bad) {
                throw bad;
            }
            throw new IllegalStateException(failed.getCause());
        }
    }

    private void count(String text) {
        Matcher word = splitting.pattern().matcher(text);
        while (word.find()) {
            for (int from = word.start(); from < word.end(); ) {
                // a word of thousands of letters is no word: its merges would take longer than all others'
                int to = Math.min(word.end(), from + LONGEST_WORD);
                if (to < word.end() && Character.isLowSurrogate(text.charAt(to))) {
                    to--;
                }
                counts.computeIfAbsent(text.substring(from, to), unseen -> new LongAdder())
                        .increment();
                from = to;
            }
        }
        if (counts.size() > MOST_WORDS) {
            throw new InputException("the texts have more than " + MOST_WORDS
                    + " different words; a part of the texts is enough to train a tokenizer on");
        }
    }
}
