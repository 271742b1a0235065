package dev.shoestring.cli;

import dev.shoestring.cost.Cost;
import dev.shoestring.generate.Pace;
import dev.shoestring.report.Figures;
import dev.shoestring.run.Generation;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What was made and what it cost, as a line and as a document. */
final class GenerationReport {
    private GenerationReport() {}

    static String line(Pace pace, Cost cost) {
        return String.format(
                Locale.ROOT,
                "%,d prompt tokens at %,.0f a second, %,d new tokens at %,.0f a second; %s, %.1f J (%s), %s",
                pace.promptTokens(),
                pace.promptTokensPerSecond(),
                pace.newTokens(),
                pace.newTokensPerSecond(),
                Figures.duration(cost.wallSeconds()),
                cost.energy().joules(),
                cost.energy().source(),
                Figures.money(cost.money().amount(), cost.money().currency()));
    }

    static Map<String, Object> document(List<Generation> generations, Pace pace, Cost cost) {
        List<Map<String, Object>> texts = new ArrayList<>();
        for (Generation generation : generations) {
            Map<String, Object> text = new LinkedHashMap<>();
            text.put("prompt", generation.prompt());
            text.put("text", generation.text());
            text.put("end", generation.reason().word());
            text.put("prompt_ids", generation.promptIds());
            text.put("ids", generation.ids());
            texts.add(text);
        }
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("generations", texts);
        document.put("prompt_tokens", pace.promptTokens());
        document.put("prompt_tokens_per_second", pace.promptTokensPerSecond());
        document.put("new_tokens", pace.newTokens());
        document.put("new_tokens_per_second", pace.newTokensPerSecond());
        document.put("wall_seconds", cost.wallSeconds());
        document.put(
                "energy",
                Map.of("joules", cost.energy().joules(), "source", cost.energy().source()));
        document.put(
                "money",
                Map.of("amount", cost.money().amount(), "currency", cost.money().currency()));
        return document;
    }
}
