package dev.shoestring.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RecipeProblemsTest {
    private static final String MINIMAL = "{model: {from: folder}, data: {train: t.csv}}";

    private static List<String> problems(String yaml, String... overrides) {
        RecipeException e = catchThrowableOfType(
                RecipeException.class, () -> Recipes.parse("test.yaml", yaml, Arrays.asList(overrides)));
        assertThat(e).as(yaml + Arrays.toString(overrides)).isNotNull();
        assertThat(e).hasMessageStartingWith("test.yaml: ");
        return e.problems().stream().map(Problem::toString).toList();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "optimizer.lr=-1 | optimizer.lr: must be greater than 0 and at most 1, but is -1; default: 2.0e-4",
                "optimizer.lr=fast | optimizer.lr: must be a number greater than 0 and at most 1, but is the text \"fast\"; default: 2.0e-4",
                "optimizer.lr=yes | optimizer.lr: must be a number",
                "optimizer.lr=1e999 | optimizer.lr: must be",
                "optimizer.head-lr=1 | optimizer.head-lr: is not a key here; nearest: head_lr; valid: kind, lr",
                "schedule.epochs=0 | schedule.epochs: must be greater than 0 and at most 10000, but is 0; default: 3",
                "schedule.warmup=2 | schedule.warmup: must be at least 0 and at most 1, but is 2; nearest: 1",
                "schedule.kind=warmup_cosin | schedule.kind: has no choice \"warmup_cosin\"; nearest: warmup-cosine",
                "stop.target=1.5 | stop.target: must be greater than 0 and at most 1, but is 1.5; nearest: 1",
                "stop.patience=0.5 | stop.patience: must be a whole number from 1 to 1000000, but is 0.5",
                "stop.budget.time=20 | stop.budget.time: must be text, but is 20; put it in quotes",
                "stop.budget.time=soon | stop.budget.time: must be a time such as 90s, 20m or 1h30m, but is \"soon\"",
                "stop.budget.time=0s | stop.budget.time: must be a time",
                "stop.budget.money=5 dollars | stop.budget.money: must be an amount and a currency such as \"0.50 USD\"",
                "stop.budget.money=5 QQQ | stop.budget.money: has no ISO 4217 currency QQQ",
                "seed=99999999999999999999 | seed: must be a whole number from -9223372036854775808 to 9223372036854775807, but is 99999999999999999999; nearest: 9223372036854775807",
                "batch={global: 100, micro: 16} | batch.global (100) must be a multiple of batch.micro (16); nearest: 96 or 112",
                "batch.micro=64 | batch.micro (64) must not be greater than batch.global (32); nearest: 32",
                "batch=32 | batch: must be a mapping with the keys global, micro, by_length, but is 32",
                "baseline=maybe | baseline: must be true or false, but is the text \"maybe\"",
                "adapt=lora | adapt: lora is not in this version; valid: full, head",
                "adapt={kind: gradual} | adapt.kind: gradual is not in this version",
                "adapt.freeze=[layers] | adapt.kind: is required",
                "adapt={kind: full, freeze: [word_embedding]} | adapt.freeze: has no choice \"word_embedding\"; nearest: word-embeddings",
                "adapt={kind: head, freeze: [word-embeddings]} | adapt.freeze: has no effect with adapt: head",
                "task=reasoning | task: reasoning is not in this version; valid: text-classification",
                "precision=fp16 | precision: fp16 is not in this version; valid: auto, fp32, bf16",
                "precision=float | precision: has no choice \"float\"; valid: auto, fp32, bf16",
                "distributed={compress: fp16} | distributed.compress: fp16 is not in this version; valid: none, bf16",
                "distributed={shard: gradients} | distributed.shard: gradients is not in this version; valid: none, optimizer",
                "distributed={shard: optimizer, local_steps: 4} | distributed.shard: optimizer divides each step among the processes, but with distributed.local_steps (4) each does its own; leave out one of the two",
                "distributed={local_steps: 0} | distributed.local_steps: must be a whole number from 1 to 100000, but is 0; nearest: 1",
                "distributed={outer_lr: 0.5} | distributed.outer_lr: has no effect with distributed.local_steps: 1; remove it",
                "distributed={local_steps: 4, fragments: 9} | distributed.fragments (9) must not be greater than distributed.local_steps (4), in which each is sent once; nearest: 4",
                "optimizer.kind=sgd | optimizer.kind: sgd is not in this version; valid: adamw, muon",
                "augment=[synonym] | augment[0]: has no choice \"synonym\"; nearest: synonyms",
                "augment=[{kind: synonyms, rate: 1}] | augment[0].rate: must be greater than 0 and less than 1, but is 1",
                "augment=[synonyms, synonyms] | augment[1]: synonyms is given twice",
                "augment=synonyms | augment: must be a list",
                "data.validation=0.6 | data.validation: must be at least 0 and at most 0.5, but is 0.6; nearest: 0.5",
                "data.validation=true | data.validation: must be a share from 0 to 0.5 or a file, but is true",
                "data.max_tokens=1000 | data.max_tokens: must be a whole number from 4 to 512, but is 1000; nearest: 512",
                "data.text=5 | data.text: must be text, but is 5; put it in quotes",
                "data.train= | data.train: is required",
                "data.query=select 1 | data.query: cannot be given together with data.train",
                "data.reader=x | data.reader: has no effect without data.from",
                "data={from: `maven:g:a:1`} | data.reader: is required with data.from; valid: wordnet-definitions",
                "data={from: `maven:g:a`, reader: wordnet-definitions} | data.from: must be maven:GROUP:ARTIFACT:VERSION",
                "model.layers=3 | model.layers: has no effect without model.fresh",
                "model.fresh=bert | model.fresh: cannot be given together with model.from",
                "model={from: `mavn:g:a:1`} | model.from: must be maven:GROUP:ARTIFACT:VERSION, hf:ORG/NAME or a folder, but starts with \"mavn:\"; nearest: maven:",
                "model={} | model.from: is required",
                "model= | model: is required",
                "model={fresh: bert} | model.tokenizer: is required",
                "model={fresh: bert, tokenizer: f, hidden_size: 100, num_heads: 12} | model.hidden_size (100) must be a multiple of num_heads (12); nearest: 96 or 108",
                "model={fresh: bag-of-words, buckets: 1000} | model.buckets (1000) must be a power of two; nearest: 512 or 1024",
                "name=a/b | name: names a folder: up to 64 letters, digits, dots, dashes and underscores, but is \"a/b\"; nearest: a-b",
                "dropout=1 | dropout: must be at least 0 and less than 1, but is 1",
            })
    void eachProblemNamesPathRuleAndRemedy(String override, String expected) {
        String set = override.replace('`', '"');
        assertThat(problems(MINIMAL, set))
                .anySatisfy(problem -> assertThat(problem).startsWith(expected));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "preference.beta=0 | preference.beta: must be greater than 0 and at most 100, but is 0; default: 0.1",
                "preference.beta=much | preference.beta: must be a number greater than 0",
                "preference.label_smoothing=0.5 | preference.label_smoothing: must be at least 0 and less than 0.5, but is 0.5",
                "preference.sft_weight=-1 | preference.sft_weight: must be at least 0 and at most 100, but is -1; nearest: 0",
                "preference.gamma=1 | preference.gamma: is not a key here; valid: beta, label_smoothing, sft_weight",
                "preference=0.1 | preference: must be a mapping with the keys beta, label_smoothing, sft_weight, but is 0.1",
                "z_loss=0.1 | z_loss: has no effect with task: preference",
                "data.form=alpaca | data.form: is not a key here",
                "data.from=maven:g:a:1 | data.from: is not a key here",
                "stop.metric=macro-f1 | stop.metric: has no choice \"macro-f1\"; valid: loss, accuracy",
                "task=chat | preference: has no effect with task: chat; remove it",
                "model={fresh: llama} | model.fresh: has not learned to speak",
            })
    void problemsOfPreferenceTuning(String override, String expected) {
        assertThat(problems(
                        "{task: preference, model: {from: folder}, data: {train: pairs.jsonl}, preference: {beta: 0.2}}",
                        override))
                .anySatisfy(problem -> assertThat(problem).startsWith(expected));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "model={fresh: bert, tokenizer: f, budget: {}} | model.budget: must have parameters, flops or latency, such as {parameters: 5 M}",
                "model={fresh: bert, tokenizer: f, budget: {parameters: 5M}, layers: 4} | model.layers: has no effect with model.budget",
                "model={fresh: bert, tokenizer: f, budget: {parameters: 5000000}} | model.budget.parameters: must be text",
                "model={fresh: bert, tokenizer: f, budget: {latency: 2 h}} | model.budget.latency: must be an amount in ms, s, us, such as \"2 ms\", but is \"2 h\"",
                "model={fresh: bert, tokenizer: f, budget: {flops: 0 MFLOP}} | model.budget.flops: must be more than 0",
                "model={fresh: bag-of-words, budget: {parameters: 5M}} | model.budget: has no effect with model.fresh: bag-of-words",
                "model={from: folder, budget: {parameters: 5M}} | model.budget: has no effect without model.fresh",
            })
    void problemsOfASizeBudget(String override, String expected) {
        assertThat(problems(MINIMAL, override))
                .anySatisfy(problem -> assertThat(problem).startsWith(expected));
    }

    @Test
    void aDecoderIsNotTimed() {
        assertThat(problems(
                        "{task: language-model, model: {fresh: llama, budget: {latency: 2 ms}}, data: {train: t.txt}}"))
                .containsExactly("model.budget.latency: is for classifiers of texts; give parameters or flops");
    }

    @Test
    void allAreReportedAtOnceInTheOrderOfTheKeys() {
        assertThat(problems("""
                        taks: chat
                        model: {from: folder}
                        data: {train: t.csv, validation: 0.9}
                        optimizer: {lr: -1}
                        schedule: {epochs: 0}
                        stop: {target: 1.5, patience: }
                        """))
                .satisfiesExactly(
                        p -> assertThat(p).startsWith("taks: is not a key here; nearest: task; valid: name, task"),
                        p -> assertThat(p).startsWith("data.validation: "),
                        p -> assertThat(p).startsWith("optimizer.lr: "),
                        p -> assertThat(p).startsWith("schedule.epochs: "),
                        p -> assertThat(p).startsWith("stop.target: "),
                        p -> assertThat(p).startsWith("stop.patience: has no value"));
    }

    @Test
    void theExampleOfTheRecipesPage() {
        assertThat(problems(
                        MINIMAL,
                        "batch={global: 100, micro: 16}",
                        "optimizer.learning_rate=1e-4",
                        "schedule.kind=warmup_cosine"))
                .containsExactly(
                        "batch.global (100) must be a multiple of batch.micro (16); nearest: 96 or 112",
                        "optimizer.learning_rate: is not a key here; valid: kind, lr, head_lr, weight_decay, beta1, beta2, eps, momentum, clip_norm",
                        "schedule.kind: has no choice \"warmup_cosine\"; nearest: warmup-cosine; valid: warmup-cosine, warmup-linear, constant, one-cycle, trapezoid");
    }

    @Test
    void anEmptyMappingLacksModelAndData() {
        assertThat(problems("{}"))
                .containsExactly("model: is required: {from: …} or {fresh: …}", "data: is required: {train: FILE, …}");
    }

    @Test
    void settingsWithoutEffectAreProblems() {
        assertThat(problems("""
                        model: {fresh: bag-of-words}
                        data: {train: t.csv, max_tokens: 5}
                        adapt: full
                        augment: [synonyms]
                        precision: fp32
                        batch: {global: 8}
                        optimizer: {lr: 0.1}
                        schedule: {epochs: 3}
                        """)).hasSize(7).allSatisfy(p -> assertThat(p)
                .contains("has no effect with model.fresh: bag-of-words"));
        assertThat(problems(MINIMAL, "data={from: \"maven:g:a:1\", reader: wordnet-definitions, text: a, test: 0.1}"))
                .hasSize(2)
                .allSatisfy(p -> assertThat(p).contains("has no effect with data.reader"));
        assertThat(problems(MINIMAL, "data.validation=0", "stop={metric: accuracy, target: 0.9, patience: 2}"))
                .hasSize(3)
                .allSatisfy(p -> assertThat(p).contains("has no effect with data.validation: 0"));
        assertThat(problems(
                        "{model: {fresh: bag-of-words}, data: {train: t.csv}}",
                        "stop={patience: 2, evaluations_per_epoch: 2, budget: {time: 1h}}"))
                .hasSize(3)
                .allSatisfy(p -> assertThat(p).contains("has no effect with model.fresh: bag-of-words"));
        assertThat(problems(MINIMAL, "adapt=head", "augment=[synonyms]", "optimizer.lr=0.1", "batch.micro=8"))
                .hasSize(3)
                .allSatisfy(p -> assertThat(p).contains("has no effect with adapt: head"));
    }

    @Test
    void everyKeySurvivesAValueOfEveryType() {
        List<String> keys = List.of(
                "name",
                "task",
                "model",
                "model.from",
                "model.fresh",
                "model.buckets",
                "data",
                "data.train",
                "data.query",
                "data.from",
                "data.reader",
                "data.text",
                "data.label",
                "data.validation",
                "data.test",
                "data.train_examples",
                "data.max_tokens",
                "adapt",
                "adapt.kind",
                "adapt.freeze",
                "augment",
                "precision",
                "batch",
                "batch.global",
                "batch.micro",
                "optimizer",
                "optimizer.kind",
                "optimizer.lr",
                "optimizer.clip_norm",
                "schedule",
                "schedule.kind",
                "schedule.epochs",
                "schedule.warmup",
                "stop",
                "stop.metric",
                "stop.target",
                "stop.patience",
                "stop.evaluations_per_epoch",
                "stop.budget",
                "stop.budget.time",
                "stop.budget.money",
                "dropout",
                "label_smoothing",
                "baseline",
                "seed");
        List<String> values = List.of(
                "-1",
                "0",
                "1",
                "1.5",
                "1e300",
                "99999999999999999999999",
                "true",
                "text",
                "''",
                "[]",
                "[1]",
                "[[]]",
                "[null]",
                "{}",
                "{a: 1}",
                "{kind: {}}",
                "[{}]",
                "[{kind: [], rate: {}}]",
                "'~'");
        List<String> refused = new ArrayList<>();
        for (String key : keys) {
            for (String value : values) {
                try {
                    Recipe recipe = Recipes.parse("test.yaml", MINIMAL, List.of(key + "=" + value));
                    assertThat(Recipes.parse("other", RecipeYaml.write(recipe), List.of()))
                            .isEqualTo(recipe);
                } catch (RecipeException e) {
                    refused.add(key);
                }
            }
        }
        assertThat(refused).containsAll(keys);
    }
}
