# The same question to a deployment of Azure OpenAI, and to another service.
import os

from openai import AzureOpenAI, OpenAI

azure = AzureOpenAI(
    azure_endpoint=os.environ["AZURE_OPENAI_ENDPOINT"],
    api_key=os.environ["AZURE_OPENAI_API_KEY"],
    api_version="2024-10-21",
)
other = OpenAI()
for client, model in [(azure, "my-deployment"), (other, "llama3.2")]:
    completion = client.chat.completions.create(
        model=model, messages=[{"role": "user", "content": "Say hello"}]
    )
    print(completion.choices[0].message.content)
