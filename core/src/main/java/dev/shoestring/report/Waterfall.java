package dev.shoestring.report;

import dev.shoestring.report.Drawing.Anchor;
import dev.shoestring.report.Drawing.Shape;
import java.util.List;
import java.util.Locale;

/**
 * The ladder of savings as a waterfall, one row a rung: the time to the target shrinks from the plain baseline to all techniques. What
 * each technique takes away is drawn beside what is left; the bag of words stands below, whether it reaches the target or not.
 */
final class Waterfall {
    private static final int WIDTH = 1000;
    private static final int LEFT = 250;
    private static final int RIGHT = 190;
    private static final int ROW = 44;
    private static final int TOP = 64;
    private static final String INK = "#2b2a27";
    private static final String SOFT = "#7a766d";
    private static final String LEFT_OVER = "#1f6f5c";
    private static final String SAVED = "#bfe0d6";
    private static final String COSTLIER = "#d9793a";
    private static final String PLAIN = "#8a8a8a";

    private Waterfall() {}

    static Drawing of(SavingsReport report) {
        List<SavingsReport.Rung> ladder = report.ladder();
        double most =
                ladder.stream().mapToDouble(rung -> rung.cost().seconds()).max().orElse(1);
        double scale = (WIDTH - LEFT - RIGHT) / most;
        Drawing.Builder picture = new Drawing.Builder();
        picture.add(new Shape.Words(
                16,
                28,
                String.format(
                        Locale.ROOT,
                        "%s: wall time until validation %s reaches %.3f, mean of %d seeds",
                        report.recipe(),
                        report.metric(),
                        report.target(),
                        report.seeds()),
                16,
                true,
                INK,
                Anchor.START));
        picture.add(new Shape.Words(
                16, 48, report.machine() + "; evaluation counted; measured", 12, false, SOFT, Anchor.START));
        double before = Double.NaN;
        for (int i = 0; i < ladder.size(); i++) {
            row(picture, ladder.get(i), TOP + i * ROW, scale, before, i == 0, report.seeds());
            before = ladder.get(i).cost().seconds();
        }
        int y = TOP + ladder.size() * ROW;
        SavingsReport.Words words = report.words();
        if (words != null) {
            picture.add(new Shape.Line(16, y + 2, WIDTH - 16, y + 2, "#dddddd", false));
            picture.add(new Shape.Words(LEFT - 14, y + 27, words.name(), 13, false, INK, Anchor.END));
            picture.add(new Shape.Box(LEFT, y + 12, Math.max(2, words.seconds() * scale), 22, PLAIN, !words.reached()));
            picture.add(new Shape.Words(
                    LEFT + Math.max(2, words.seconds() * scale) + 8,
                    y + 27,
                    Figures.duration(words.seconds())
                            + (words.reached()
                                    ? ", and reaches the target: nothing more is needed"
                                    : ", but reaches " + Figures.score(words.value()) + " only"),
                    13,
                    false,
                    INK,
                    Anchor.START));
            y += ROW;
        }
        return picture.build(WIDTH, y + 14);
    }

    private static void row(
            Drawing.Builder picture,
            SavingsReport.Rung rung,
            double y,
            double scale,
            double before,
            boolean first,
            int seeds) {
        double seconds = rung.cost().seconds();
        double width = Math.max(2, seconds * scale);
        boolean never = rung.reached() < seeds;
        picture.add(new Shape.Words(LEFT - 14, y + 27, rung.title(), 13, false, INK, Anchor.END));
        double end = LEFT + width;
        if (!Double.isNaN(before)) {
            double was = LEFT + before * scale;
            if (before > seconds) {
                picture.add(new Shape.Box(end, y + 12, was - end, 22, SAVED, false));
                end = was;
            } else {
                picture.add(new Shape.Box(was, y + 12, Math.max(1, end - was), 22, COSTLIER, false));
            }
            picture.add(new Shape.Line(was, y - ROW + 34, was, y + 12, SOFT, true));
        }
        double solid = Double.isNaN(before) || before > seconds ? width : before * scale;
        picture.add(new Shape.Box(LEFT, y + 12, Math.max(2, solid), 22, first ? PLAIN : LEFT_OVER, false));
        String figure = (never ? "more than " : "") + Figures.duration(seconds);
        String note = never ? " (" + rung.reached() + " of " + seeds + " seeds reach it)" : " ± " + spread(rung);
        picture.add(new Shape.Words(end + 8, y + 23, figure, 13, true, INK, Anchor.START));
        picture.add(new Shape.Words(end + 8, y + 37, note.strip(), 11, false, SOFT, Anchor.START));
    }

    private static String spread(SavingsReport.Rung rung) {
        return String.format(Locale.ROOT, "%.1f s", rung.secondsSpread());
    }
}
