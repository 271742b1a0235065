package dev.shoestring.spark;

import java.io.Serializable;
import java.util.Comparator;
import java.util.Iterator;
import java.util.stream.IntStream;
import org.apache.spark.Partitioner;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;
import scala.Tuple2;
import scala.Tuple3;

/**
 * Rows on their way to the ranks: partition r holds all of them, for rank r, sorted by text and label. Every rank plans the batches of the whole
 * job, so it needs all rows; that they are sorted makes what it gets the same however Spark had divided them. Spark's shuffle carries them and
 * sorts them on disk, so that no task holds them in memory.
 */
final class RankRows {
    private RankRows() {}

    /**
     * All rows for each rank.
     *
     * @param chosen two columns of strings, the texts and the labels, which may be null
     */
    static JavaPairRDD<Tuple3<Integer, String, String>, Byte> of(Dataset<Row> chosen, int ranks) {
        return chosen.toJavaRDD()
                .flatMapToPair(row -> forEach(row, ranks))
                .repartitionAndSortWithinPartitions(new ByRank(ranks), new ByContent());
    }

    private static Iterator<Tuple2<Tuple3<Integer, String, String>, Byte>> forEach(Row row, int ranks) {
        String text = row.getString(0);
        String label = row.getString(1);
        return IntStream.range(0, ranks)
                .mapToObj(rank -> new Tuple2<>(new Tuple3<>(rank, text, label), (byte) 0))
                .iterator();
    }

    /** Rank r's rows go to partition r. */
    private static final class ByRank extends Partitioner {
        private static final long serialVersionUID = 1L;

        private final int ranks;

        ByRank(int ranks) {
            this.ranks = ranks;
        }

        @Override
        public int numPartitions() {
            return ranks;
        }

        @Override
        public int getPartition(Object key) {
            return (Integer) ((Tuple3<?, ?, ?>) key)._1();
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof ByRank same && same.ranks == ranks;
        }

        @Override
        public int hashCode() {
            return ranks;
        }
    }

    /** By text, then by label; what is missing comes first. */
    private static final class ByContent implements Comparator<Tuple3<Integer, String, String>>, Serializable {
        private static final long serialVersionUID = 1L;

        @Override
        public int compare(Tuple3<Integer, String, String> one, Tuple3<Integer, String, String> other) {
            int byText = compare(one._2(), other._2());
            return byText != 0 ? byText : compare(one._3(), other._3());
        }

        private static int compare(@Nullable String one, @Nullable String other) {
            if (one == null || other == null) {
                return Boolean.compare(one != null, other != null);
            }
            return one.compareTo(other);
        }
    }
}
