package dev.shoestring.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shoestring.recipe.InputException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class GlossaryConversationsTest {
    @Test
    void wordsHeldOutAreNotTrainedOn() {
        GlossaryConversations glossary = GlossaryConversations.read(WordNetJar.path(), 3_000, 300, 5);
        assertThat(glossary.train()).hasSize(3_000);
        assertThat(glossary.heldOut()).hasSize(300);
        assertThat(glossary.heldOutWords()).hasSize(300);
        Set<String> answers = new HashSet<>();
        for (List<Conversation> part : List.of(glossary.train(), glossary.heldOut())) {
            for (Conversation one : part) {
                assertThat(one.messages()).extracting(Message::role).containsExactly(Role.USER, Role.ASSISTANT);
                answers.add(one.messages().get(1).content());
            }
        }
        assertThat(answers).hasSize(3_300);
        assertThat(glossary.train()).noneMatch(one -> glossary.heldOutWords()
                .contains(one.messages()
                        .get(0)
                        .content()
                        .replaceAll(
                                "^(Define the word|What does|What is the meaning of|Explain the word) | mean\\?$|[.?]$",
                                "")));
        for (String beginning :
                List.of("Define the word ", "What does ", "What is the meaning of ", "Explain the word ")) {
            assertThat(glossary.train())
                    .filteredOn(one -> one.messages().get(0).content().startsWith(beginning))
                    .hasSizeBetween(600, 900);
        }
    }

    @Test
    void followsFromTheSeed() {
        GlossaryConversations one = GlossaryConversations.read(WordNetJar.path(), 100, 50, 1);
        GlossaryConversations more = GlossaryConversations.read(WordNetJar.path(), 200, 50, 1);
        GlossaryConversations other = GlossaryConversations.read(WordNetJar.path(), 100, 50, 2);
        assertThat(more.heldOut()).isEqualTo(one.heldOut()).isNotEqualTo(other.heldOut());
        assertThat(more.train().subList(0, 100)).isEqualTo(one.train()).isNotEqualTo(other.train());
        assertThatThrownBy(() -> GlossaryConversations.read(WordNetJar.path(), 1_000_000, 50, 2))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("words for a glossary");
    }
}
