package dev.shoestring.spark;

import dev.shoestring.recipe.DataSpec;
import dev.shoestring.recipe.InputException;
import dev.shoestring.recipe.Recipe;
import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * The columns of a data set that are trained on.
 *
 * @param text the column with the texts
 * @param label the column with the labels
 */
record DatasetColumns(String text, String label) implements Serializable {
    private static final long serialVersionUID = 1L;
    private static final String TEXT = "text";
    private static final String LABEL = "label";

    /**
     * Those that the recipe names, or else {@code text} and {@code label}.
     *
     * @throws InputException if the data set lacks one, or it holds no plain values
     */
    static DatasetColumns of(Recipe recipe, StructType schema) {
        DataSpec data = recipe.data();
        return new DatasetColumns(
                require(schema, "data.text", data.input(), TEXT), require(schema, "data.label", data.label(), LABEL));
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

    /** These columns alone, as strings. */
    Dataset<Row> select(Dataset<Row> dataset) {
        return dataset.select(asString(dataset, text), asString(dataset, label));
    }

    private static org.apache.spark.sql.Column asString(Dataset<Row> dataset, String name) {
        return dataset.col("`" + name.replace("`", "``") + "`").cast("string");
    }
}
