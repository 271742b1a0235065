package dev.shoestring.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shoestring.recipe.InputException;
import dev.shoestring.recipe.Recipe;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;

final class DatasetColumnsTest {
    private static final StructType TICKETS = new StructType()
            .add("body", DataTypes.StringType)
            .add("topic", DataTypes.IntegerType)
            .add("tags", DataTypes.createArrayType(DataTypes.StringType));

    private static Recipe recipe(String... overrides) {
        return SparkTrainer.recipe("definitions", overrides);
    }

    @Test
    void theRecipeNamesThemOrTheyHaveTheUsualNames() {
        assertThat(DatasetColumns.of(recipe("data.text=body", "data.label=topic"), TICKETS))
                .isEqualTo(new DatasetColumns("body", "topic"));
        StructType usual = new StructType().add("text", DataTypes.StringType).add("label", DataTypes.StringType);
        assertThat(DatasetColumns.of(recipe(), usual)).isEqualTo(new DatasetColumns("text", "label"));
    }

    @Test
    void whatIsMissingOrNoTextIsNamed() {
        assertThatThrownBy(() -> DatasetColumns.of(recipe(), TICKETS))
                .isInstanceOf(InputException.class)
                .hasMessage(
                        "data.text: the Dataset must have one column \"text\", but has \"body\", \"topic\", \"tags\";"
                                + " name the column with data.text");
        assertThatThrownBy(() -> DatasetColumns.of(recipe("data.text=tags", "data.label=topic"), TICKETS))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("data.text: column \"tags\" must hold texts or numbers, but holds array<string>");
        StructType twice = TICKETS.add("topic", DataTypes.StringType);
        assertThatThrownBy(() -> DatasetColumns.of(recipe("data.text=body", "data.label=topic"), twice))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("data.label: the Dataset must have one column \"topic\", but has 2 of that name");
    }

    @Test
    void aCorpusHasNoLabelsAndConversationsAreWholeRows() {
        Recipe corpus = SparkTrainer.recipe("glossary-base", "data.text=body");
        assertThat(DatasetColumns.of(corpus, TICKETS)).isEqualTo(new DatasetColumns("body", null));
        Recipe chat = SparkTrainer.recipe("glossary");
        DataType turns = DataTypes.createArrayType(
                new StructType().add("role", DataTypes.StringType).add("content", DataTypes.StringType));
        assertThat(DatasetColumns.of(chat, new StructType().add("messages", turns)))
                .isEqualTo(new DatasetColumns(null, null));
        assertThat(DatasetColumns.of(chat, new StructType().add("instruction", DataTypes.StringType)))
                .isEqualTo(new DatasetColumns(null, null));
        assertThatThrownBy(() -> DatasetColumns.of(chat, new StructType().add("messages", DataTypes.StringType)))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("must hold array<struct<role:string,content:string>>, but holds string")
                .hasMessageContaining("from_json");
        assertThatThrownBy(() -> DatasetColumns.of(chat, TICKETS))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("must have a column messages, conversations, instruction or prompt");
    }
}
