package dev.shoestring.spark;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shoestring.distributed.Launched;
import java.util.List;
import org.junit.jupiter.api.Test;

final class MeetingTest {
    @Test
    void ranksOfOneHostAreCountedThere() {
        Meeting meeting = new Meeting(List.of("a", "b", "a", "b", "b"), 4000, "secret", false);
        assertThat(meeting.place(0, 0, "job"))
                .isEqualTo(new Launched(0, 5, 0, 2, "a", 4000, false, 0, "job", "secret"));
        assertThat(meeting.place(4, 1, "job"))
                .isEqualTo(new Launched(4, 5, 2, 3, "a", 4000, false, 1, "job", "secret"));
    }

    @Test
    void hostsAreReadFromAddresses() {
        assertThat(Meeting.host("10.0.0.5:34567")).isEqualTo("10.0.0.5");
        assertThat(Meeting.host("node-7.example:34567")).isEqualTo("node-7.example");
        assertThat(Meeting.host("[fe80::1]:34567")).isEqualTo("fe80::1");
        assertThat(Meeting.host("localhost")).isEqualTo("localhost");
    }
}
