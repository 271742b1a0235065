package dev.shoestring.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

final class RunComparisonTest {
    private static final RunComparison.Entry KNOWN =
            new RunComparison.Entry("a", SampleRun.summary(), SampleRun.metrics(), "name: a\nschedule: {epochs: 3}\n");
    private static final RunComparison.Entry UNKNOWN =
            new RunComparison.Entry("b", SampleRun.unknown(), List.of(), "name: a\nschedule: {epochs: 5}\n");

    @Test
    void onlyWhatDiffersIsShown() {
        assertThat(new RunComparison(List.of(KNOWN, UNKNOWN)).differences())
                .containsOnlyKeys("schedule.epochs")
                .containsEntry("schedule.epochs", List.of("3", "5"));
    }

    @Test
    void aRunWithoutAValueIsOnNoFront() {
        RunComparison comparison = new RunComparison(List.of(KNOWN, UNKNOWN));
        assertThat(comparison.onFront(KNOWN)).isTrue();
        assertThat(comparison.onFront(UNKNOWN)).isFalse();
    }

    @Test
    void thePageEscapesWhatRunsAreCalled() {
        RunComparison.Entry hostile =
                new RunComparison.Entry(SampleRun.HOSTILE, SampleRun.summary(), SampleRun.metrics(), "name: x\n");
        assertThat(ComparisonPage.render(new RunComparison(List.of(KNOWN, hostile))))
                .doesNotContain("<img src=x")
                .contains("curves-data");
    }
}
