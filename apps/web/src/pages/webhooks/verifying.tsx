/** For whoever writes the program that is told: how it knows that a message is ours. */
import { Anchor, Code, Group, Stack, Text, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';

const EXAMPLE = `import { createServer } from 'node:http';
import { Webhook } from 'standardwebhooks';

createServer(async (request, response) => {
  let body = '';
  for await (const part of request) body += part;
  try {
    console.log(new Webhook(process.env.SECRET).verify(body, request.headers));
    response.writeHead(204).end();
  } catch {
    response.writeHead(401).end();
  }
}).listen(3000);`;

export function Verifying() {
  const { t } = useTranslation('webhooks');
  return (
    <Stack gap="xs" maw={720} component="section">
      <Title order={2} size="h4">
        {t('verifying.title')}
      </Title>
      <Text size="sm">{t('verifying.text')}</Text>
      <Code block fz="xs" tabIndex={0}>
        {EXAMPLE}
      </Code>
      <Group gap="md">
        <Anchor size="sm" href="https://www.standardwebhooks.com" target="_blank" rel="noreferrer">
          {t('verifying.standard')}
        </Anchor>
        <Anchor size="sm" href="/api/docs" target="_blank">
          {t('verifying.messages')}
        </Anchor>
      </Group>
    </Stack>
  );
}
