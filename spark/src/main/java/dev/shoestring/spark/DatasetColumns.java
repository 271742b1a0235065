package dev.shoestring.spark;

import dev.shoestring.recipe.DataSpec;
import dev.shoestring.recipe.InputException;
import dev.shoestring.recipe.Recipe;
import dev.shoestring.recipe.Task;
import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * The columns of a data set that are trained on: texts with labels, texts alone (a corpus, a document a row), or, of conversations, whatever
 * their form has, each row as one JSON object.
 *
 * @param text the column with the texts; null of conversations
 * @param label the column with the labels; null where there are none
 */
record DatasetColumns(@Nullable String text, @Nullable String label) implements Serializable {
    private static final long serialVersionUID = 1L;
    private static final String TEXT = "text";
    private static final String LABEL = "label";

    /** Columns of lists of messages, and what their elements have. */
    private static final List<List<String>> LISTS =
            List.of(List.of("messages", "role", "content"), List.of("conversations", "from", "value"));

    /** A conversation in columns of its own. */
    private static final List<String> FLAT = List.of("instruction", "prompt");

    /**
     * Those that the recipe names, or else {@code text} and {@code label}.
     *
     * @throws InputException if the data set lacks one, or it holds no plain values, or no conversations
     */
    static DatasetColumns of(Recipe recipe, StructType schema) {
        if (recipe.task() == Task.CHAT) {
            requireConversations(schema);
            return new DatasetColumns(null, null);
        }
        DataSpec data = recipe.data();
        String text = require(schema, "data.text", data.input(), TEXT);
        boolean labelled = recipe.task() == Task.TEXT_CLASSIFICATION;
        return new DatasetColumns(text, labelled ? require(schema, "data.label", data.label(), LABEL) : null);
    }

    private static void requireConversations(StructType schema) {
        for (List<String> list : LISTS) {
            for (StructField field : schema.fields()) {
                if (!field.name().equals(list.get(0))) {
                    continue;
                }
                boolean lists = field.dataType() instanceof ArrayType array
                        && array.elementType() instanceof StructType element
                        && Arrays.asList(element.fieldNames()).containsAll(list.subList(1, 3));
                if (!lists) {
                    throw new InputException("data: column \"" + list.get(0) + "\" must hold array<struct<"
                            + list.get(1)
                            + ":string," + list.get(2) + ":string>>, but holds "
                            + field.dataType().simpleString()
                            + "; of JSON texts Spark's from_json(" + list.get(0) + ", 'array<struct<" + list.get(1)
                            + ":string," + list.get(2) + ":string>>') makes it");
                }
                return;
            }
        }
        if (FLAT.stream().noneMatch(Arrays.asList(schema.fieldNames())::contains)) {
            throw new InputException("data: the Dataset of conversations must have a column messages, conversations,"
                    + " instruction or prompt, but has " + columns(schema) + "; rename what is meant");
        }
    }

    private static String require(StructType schema, String key, @Nullable String named, String otherwise) {
        String name = named == null ? otherwise : named;
        List<StructField> same = Arrays.stream(schema.fields())
                .filter(field -> field.name().equals(name))
                .toList();
        if (same.size() != 1) {
            throw new InputException(key + ": the Dataset must have one column \"" + name + "\", but "
                    + (same.isEmpty() ? "has " + columns(schema) : "has " + same.size() + " of that name")
                    + (named == null ? "; name the column with " + key : "; correct " + key + " or rename the column"));
        }
        DataType type = same.get(0).dataType();
        if (!isPlain(type)) {
            throw new InputException(key + ": column \"" + name + "\" must hold texts or numbers, but holds "
                    + type.simpleString() + "; select what is meant from it before fit");
        }
        return name;
    }

    private static boolean isPlain(DataType type) {
        String name = type.typeName().toLowerCase(Locale.ROOT);
        return name.matches("string.*|char.*|varchar.*|boolean|byte|short|integer|long|float|double|decimal.*|date");
    }

    private static String columns(StructType schema) {
        return schema.isEmpty() ? "none" : "\"" + String.join("\", \"", schema.fieldNames()) + "\"";
    }

    /** Two columns of strings: texts, or whole rows as JSON, and labels, null where there are none. */
    Dataset<Row> select(Dataset<Row> dataset) {
        Column content = text == null ? functions.to_json(functions.struct("*")) : asString(dataset, text);
        Column second = label == null ? functions.lit(null).cast("string") : asString(dataset, label);
        return dataset.select(content, second);
    }

    private static Column asString(Dataset<Row> dataset, String name) {
        return dataset.col("`" + name.replace("`", "``") + "`").cast("string");
    }
}
