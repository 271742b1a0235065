package dev.shoestring.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shoestring.recipe.InputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class MachineProfileTest {
    private static MachineProfile profile(double bf16) {
        Map<String, Double> rates = Map.of("fp32", 1e11, "bf16", bf16);
        return new MachineProfile(
                "cpu", 2, "2026-11-24T00:00:00Z", rates, rates, 1e10, 1e8, 1.5, rates, rates, 1e-3, 4e8);
    }

    @Test
    void isKeptAndReadAgain(@TempDir Path folder) {
        Path file = folder.resolve("deep").resolve("machine.json");
        profile(2e11).save(file);
        assertThat(MachineProfile.load(file, "cpu", 2)).contains(profile(2e11));
    }

    @Test
    void anotherMachinesProfileIsNotUsed(@TempDir Path folder) {
        Path file = folder.resolve("machine.json");
        profile(2e11).save(file);
        assertThat(MachineProfile.load(file, "other", 2)).isEmpty();
        assertThat(MachineProfile.load(file, "cpu", 4)).isEmpty();
        assertThat(MachineProfile.load(folder.resolve("none"), "cpu", 2)).isEmpty();
    }

    @Test
    void aDamagedOneIsRefusedWithARemedy(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("machine.json"), "{\"cores\": ");
        assertThatThrownBy(() -> MachineProfile.load(file, "cpu", 2))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("shoestring doctor");
    }

    @Test
    void bf16IsPreferredOnlyWhereItIsFaster() {
        assertThat(profile(2e11).prefersBf16()).isTrue();
        assertThat(profile(5e10).prefersBf16()).isFalse();
    }
}
