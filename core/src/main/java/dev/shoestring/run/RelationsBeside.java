package dev.shoestring.run;

import dev.shoestring.cost.EncoderFlops;
import dev.shoestring.data.Encoded;
import dev.shoestring.data.TokenBatch;
import dev.shoestring.models.Bert;
import dev.shoestring.models.BertConfig;
import dev.shoestring.recipe.DistillSpec;
import dev.shoestring.recipe.InputException;
import dev.shoestring.recipe.Recipe;
import dev.shoestring.shrink.AttentionRelations;
import dev.shoestring.shrink.RelationTeacher;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

/** A teacher that reads along with a classifier, whose attention relations it learns. Its answers by token fit on no disk. */
final class RelationsBeside implements AutoCloseable {
    /**
     * How relations of two networks are compared.
     *
     * @param heads relation heads, which divide both widths
     * @param layer the teacher's layer, the first is 0
     */
    record Form(int heads, int layer) {
        /**
         * That of a recipe.
         *
         * @throws InputException if these two networks cannot be compared so
         */
        static Form of(DistillSpec spec, BertConfig teacher, int studentWidth, int maxTokens) {
            DistillSpec.Relations asked = spec.relations();
            if (asked.layer() > teacher.numLayers()) {
                throw new InputException("distill.relation_layer: must be at most " + teacher.numLayers()
                        + ", the layers of the teacher " + spec.teacher() + ", but is " + asked.layer());
            }
            if (maxTokens > teacher.maxPositions()) {
                throw new InputException("data.max_tokens: must be at most " + teacher.maxPositions()
                        + ", the positions of the teacher " + spec.teacher() + ", which reads along with"
                        + " distill.relations_weight, but is " + maxTokens);
            }
            List<Integer> both = IntStream.rangeClosed(1, Math.min(studentWidth, teacher.hiddenSize()))
                    .filter(heads -> studentWidth % heads == 0 && teacher.hiddenSize() % heads == 0)
                    .boxed()
                    .toList();
            if (asked.heads() > 0 && !both.contains(asked.heads())) {
                throw new InputException("distill.relation_heads: must divide the widths of both, " + studentWidth
                        + " of the model and " + teacher.hiddenSize() + " of the teacher " + spec.teacher()
                        + ", but is " + asked.heads() + "; possible: " + both);
            }
            int most = both.stream()
                    .mapToInt(Integer::intValue)
                    .filter(heads -> heads <= teacher.numHeads())
                    .max()
                    .orElse(1);
            return new Form(
                    asked.heads() > 0 ? asked.heads() : most,
                    (asked.layer() > 0 ? asked.layer() : teacher.numLayers()) - 1);
        }
    }

    private final BertFolder teacher;
    private final Form form;
    private final AttentionRelations relations;
    private final EncoderFlops taught;
    private final EncoderFlops learnt;

    private RelationsBeside(BertFolder teacher, Recipe recipe, DistillSpec spec, Bert student, List<Encoded> texts) {
        this.teacher = teacher;
        BertConfig config = teacher.model().config();
        int maxTokens = recipe.data().maxTokens();
        this.form = Form.of(spec, config, student.config().hiddenSize(), maxTokens);
        this.relations = new AttentionRelations(
                student,
                new RelationTeacher(
                        teacher.model(),
                        form.layer(),
                        texts,
                        teacher.tokenizer().padId()),
                form.heads(),
                spec.relations().weight());
        int labels = teacher.labels().size();
        this.taught = new EncoderFlops(TextJobs.shape(config, labels));
        this.learnt = new EncoderFlops(TextJobs.shape(student.config(), labels));
    }

    /**
     * Opens the teacher.
     *
     * @param texts what is learnt from
     * @param own the same in the student's tokens
     * @throws InputException if it cuts them into other tokens, or the two cannot be compared
     */
    static RelationsBeside open(Recipe recipe, DistillSpec spec, Bert student, List<String> texts, List<Encoded> own) {
        BertFolder teacher = BertFolder.open(Path.of(spec.teacher()));
        try {
            List<Encoded> theirs = DistilledTexts.numbered(
                    teacher.tokenizer(), texts, recipe.data().maxTokens());
            requireSameTokens(spec, own, theirs);
            return new RelationsBeside(teacher, recipe, spec, student, theirs);
        } catch (RuntimeException refused) {
            teacher.close();
            throw refused;
        }
    }

    private static void requireSameTokens(DistillSpec spec, List<Encoded> own, List<Encoded> theirs) {
        for (int text = 0; text < own.size(); text++) {
            int tokens = own.get(text).ids().length;
            int others = theirs.get(text).ids().length;
            if (tokens != others) {
                throw new InputException(
                        "distill.relations_weight: must be 0 where the two cut texts differently, but of"
                                + " training text " + (text + 1) + " the model makes " + tokens
                                + " tokens and the teacher "
                                + spec.teacher() + " " + others + "; give a model with the teacher's pieces");
            }
        }
    }

    AttentionRelations relations() {
        return relations;
    }

    /** What both do for it in a step, beside the student's ordinary passes. */
    double flops(TokenBatch batch) {
        return taught.relations(batch.lengths(), form.layer()) + learnt.relationsTraining(batch.lengths());
    }

    /** What is said of it as a run begins. */
    String words() {
        return "the teacher reads along up to layer " + (form.layer() + 1) + " of "
                + teacher.model().config().numLayers() + " for its attention relations, in " + form.heads()
                + " relation heads";
    }

    @Override
    public void close() {
        teacher.close();
    }
}
