package dev.shoestring.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shoestring.recipe.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class HtmlReportTest {
    @Test
    void verdictComesFirstAndEveryPartIsThere() {
        String html = HtmlReport.render(SampleRun.content());

        assertThat(html.indexOf("Reached 0.831 validation accuracy (target 0.820, met after 48 s)"))
                .isPositive()
                .isLessThan(html.indexOf("Test accuracy"));
        assertThat(html)
                .contains("id=\"curves\"")
                .contains("id=\"comparison\"")
                .contains("id=\"confusion\"")
                .contains("id=\"labels\"")
                .contains("id=\"mistakes\"")
                .contains("id=\"data\"")
                .contains("id=\"recipe\"")
                .contains("libtorch 2.10.0");
    }

    @Test
    void needsNoNetwork() {
        String html = HtmlReport.render(SampleRun.content());

        assertThat(html)
                .doesNotContain("src=\"")
                .doesNotContain("<link")
                .doesNotContain("@import")
                .doesNotContain("url(");
        assertThat(html).contains("default-src 'none'").contains("var uPlot=");
    }

    @Test
    void scriptsAreWhatTheirHashesSay() {
        String html = HtmlReport.render(SampleRun.content());
        String[] parts = html.split("<script>", -1);

        assertThat(parts).hasSize(3);
        for (String part : List.of(parts[1], parts[2])) {
            assertThat(html).contains(ReportAssets.hash(part.substring(0, part.indexOf("</script>"))));
        }
    }

    @Test
    void hostileTextsStayTexts() {
        String hostile = SampleRun.HOSTILE;
        RunSummary sample = SampleRun.summary();
        RunSummary summary = new RunSummary(
                hostile,
                hostile,
                hostile,
                hostile,
                sample.outcome(),
                sample.test(),
                sample.baseline(),
                sample.data(),
                sample.work(),
                sample.parameters(),
                new RunSummary.Machine(hostile, hostile, 1),
                sample.cost(),
                1,
                Map.of(hostile, hostile));
        String html = HtmlReport.render(new ReportContent(
                summary,
                SampleRun.metrics(),
                new ConfusionMatrix(List.of(hostile, "b"), new int[][] {{3, 1}, {2, 0}}),
                List.of(new Mistake(hostile, hostile, hostile, 0.5, null)),
                new DataReport(Map.of(hostile, 3L), Map.of(hostile, 1L)),
                hostile));

        assertThat(html).doesNotContain("<img").doesNotContain("\u0000");
        // the curves, uPlot and our script; nothing else ends a script element
        assertThat(html.split("</script>", -1)).hasSize(4);
        assertThat(html)
                .contains("&lt;/script&gt;&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt; &amp; \ufffd");
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 25, 100})
    void confusionMatrixOfAnySize(int labels) {
        List<String> names =
                IntStream.range(0, labels).mapToObj(i -> "label " + i).toList();
        Html html = new Html();
        ConfusionSection.append(html, SampleRun.confusion(names), "test");

        assertThat(html.toString().split("<th class=\"top\"", -1)).hasSize(labels + 1);
        assertThat(html.toString().split("<th class=\"side\"", -1)).hasSize(labels + 1);
    }

    @Test
    void nothingKnownIsStillAReport() {
        String html = HtmlReport.render(new ReportContent(SampleRun.unknown(), List.of(), null, List.of(), null, "{}"));

        assertThat(html)
                .contains("Ended (interrupted) before its first evaluation")
                .doesNotContain("NaN");
    }

    @Test
    void longCurvesAreThinned() {
        List<MetricsLine> lines = IntStream.rangeClosed(1, 50_000)
                .<MetricsLine>mapToObj(i -> new MetricsLine.Step(i, i, 1, 1e-4, 1, 32, 400, 5_000, 0))
                .toList();
        List<Curves.Chart> charts = Curves.of(SampleRun.summary(), lines);

        for (Curves.Chart chart : charts) {
            for (Curves.Series series : chart.series()) {
                assertThat(series.x()).hasSizeLessThanOrEqualTo(1_000);
                assertThat(series.y()).allMatch(y -> Math.abs(y - series.y().get(0)) < 1e-9);
            }
        }
    }

    @Test
    void isWrittenWhole(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("report.html");
        HtmlReport.write(file, SampleRun.content());
        HtmlReport.write(file, SampleRun.content());

        assertThat(Files.readString(file)).endsWith("</html>\n");
        try (var files = Files.list(folder)) {
            assertThat(files).containsExactly(file);
        }
    }

    @Test
    void aFileInTheWayIsNamed(@TempDir Path folder) throws IOException {
        Path notAFolder = Files.writeString(folder.resolve("file"), "");
        assertThatThrownBy(() -> HtmlReport.write(notAFolder.resolve("report.html"), SampleRun.content()))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("report.html: cannot be written");
    }
}
